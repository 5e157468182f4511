// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/glyph_cells.h"

#include <QGlyphRun>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

namespace headwater {

namespace {

constexpr double kSamePlace = 1e-3; ///< pixels

/// A letter with its marks, or several that are drawn as one glyph.
struct Cluster {
    int begin = 0; ///< units
    int end = 0;
    std::vector<int> letters; ///< first unit of each
    double left = 0;
    quint32 glyph = 0;
    bool isRightToLeft = false;
    bool isHollow = false;
};

/// Whether nothing of it takes room by itself: a control that shapes its neighbours, a mark without a letter.
bool isHollow(QStringView letter)
{
    return std::all_of(letter.begin(), letter.end(), [](QChar unit) {
        const QChar::Category category = unit.category();
        return category == QChar::Other_Format || category == QChar::Mark_NonSpacing
            || category == QChar::Mark_Enclosing;
    });
}

Cluster clusterOf(const QTextLine& line, const QString& text, int begin, int end)
{
    Cluster cluster{begin, end, {begin}};
    cluster.isHollow = isHollow(QStringView(text).mid(begin, end - begin));
    cluster.left = line.cursorToX(begin);
    bool isFirst = true;
    // The first glyph of a letter is the one whose place is the letter's: marks are moved about it.
    for (const QGlyphRun& run : line.glyphRuns(begin, end - begin)) {
        const QList<QPointF> positions = run.positions();
        if (positions.isEmpty() || (!isFirst && positions.front().x() >= cluster.left))
            continue;
        isFirst = false;
        cluster.left = positions.front().x();
        cluster.glyph = run.glyphIndexes().front();
        cluster.isRightToLeft = run.isRightToLeft();
    }
    return cluster;
}

} // namespace

std::vector<GlyphCell> glyphCells(const QTextLayout& layout, const QTextLine& line, int first, int count)
{
    const QString text = layout.text();
    std::vector<Cluster> clusters;
    for (int begin = first; begin < first + count;) {
        int end = begin + 1;
        while (end < first + count && !layout.isValidCursorPosition(end))
            ++end;
        Cluster cluster = clusterOf(line, text, begin, end);
        Cluster* const last = clusters.empty() ? nullptr : &clusters.back();
        const bool isLigature = last && !last->isHollow && !cluster.isHollow && last->glyph == cluster.glyph
            && std::abs(last->left - cluster.left) < kSamePlace;
        if (isLigature) {
            last->letters.push_back(begin);
            last->end = end;
        } else {
            clusters.push_back(std::move(cluster));
        }
        begin = end;
    }
    std::stable_sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
        return std::tuple(std::round(a.left / kSamePlace), !a.isHollow)
            < std::tuple(std::round(b.left / kSamePlace), !b.isHollow);
    });
    std::vector<GlyphCell> cells(static_cast<std::size_t>(count));
    for (auto cluster = clusters.begin(); cluster != clusters.end(); ++cluster) {
        const auto next = std::next(cluster);
        const double right = next == clusters.end() ? line.naturalTextWidth() : next->left;
        const double share = (right - cluster->left) / static_cast<double>(cluster->letters.size());
        for (std::size_t i = 0; i < cluster->letters.size(); ++i) {
            const std::size_t place = cluster->isRightToLeft ? cluster->letters.size() - 1 - i : i;
            const double left = cluster->left + share * static_cast<double>(place);
            const int end = i + 1 < cluster->letters.size() ? cluster->letters[i + 1] : cluster->end;
            std::fill(cells.begin() + (cluster->letters[i] - first), cells.begin() + (end - first),
                      GlyphCell{left, left + share, cluster->isRightToLeft});
        }
    }
    return cells;
}

} // namespace headwater
