// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/recorded_mark.h"

#include "core/tiles/tile_geometry.h"
#include "ui/theme/fonts.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <map>

namespace headwater {

namespace {

constexpr double kRowFrom = 4; ///< pixels a row needs to be marked
constexpr double kLine = 2;

} // namespace

std::vector<TokenRange> recordedRowsOf(const MapFrame& frame)
{
    if (frame.level >= blockLevel(frame.grid))
        return {};
    // Any tile of a row says the same of its rows.
    std::map<std::uint32_t, const Tile*> rows;
    for (const TilePlacement& placement : frame.tiles) {
        if (placement.tile && placement.tile->key.level == frame.level)
            rows.emplace(placement.key.row, placement.tile.get());
    }
    std::vector<TokenRange> spans;
    for (const auto& [tileRow, tile] : rows) {
        for (std::uint32_t i = 0; i < kTileSide; ++i) {
            if (tile->recorded[i] == 0)
                continue;
            const std::uint32_t row = (tileRow * kTileSide + i) << frame.level;
            const TokenRange cell = cellTokens(row, frame.level, frame.grid.seqLen);
            if (!spans.empty() && spans.back().end == cell.begin)
                spans.back().end = cell.end;
            else
                spans.push_back(cell);
        }
    }
    return spans;
}

void paintRecordedMark(QPainter& painter, const MapFrame& frame, const QString& words, const Theme& theme)
{
    const MapViewport& view = frame.viewport;
    if (1 / view.queryTokensPerPixel() < kRowFrom)
        return;
    painter.setFont(wordsFont(11));
    const QFontMetricsF metrics(painter.font());
    const double left = std::max(0.0, pixelAt(view, 0, 0).x());
    const double right = std::min<double>(frame.size.width(), pixelAt(view, frame.grid.seqLen, 0).x());
    for (const TokenRange& span : recordedRowsOf(frame)) {
        const double top = pixelAt(view, 0, span.begin).y();
        const double bottom = std::min<double>(frame.size.height(), pixelAt(view, 0, span.end).y());
        if (bottom <= 0 || top >= frame.size.height())
            continue;
        painter.fillRect(QRectF(left, std::max(0.0, top), kLine, bottom - std::max(0.0, top)), theme.text);
        const double width = metrics.horizontalAdvance(words) + 12;
        const QRectF label(right - width - 4, top - metrics.height() - 5, width, metrics.height() + 4);
        // Only over rows that are on the map and not of such a span themselves.
        if (span.begin == 0 || label.top() < 0 || label.left() < left + kLine)
            continue;
        QColor ground = theme.ground;
        ground.setAlphaF(0.85F);
        painter.fillRect(label, ground);
        painter.setPen(theme.dim);
        painter.drawText(label, Qt::AlignCenter, words);
    }
}

} // namespace headwater
