// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/fonts.h"

#include "core/base/bidi_text.h"
#include "core/base/data_paths.h"

#include <QFontDatabase>
#include <QFontMetricsF>
#include <QPainter>
#include <QRectF>
#include <QStringList>
#include <QTextBoundaryFinder>
#include <algorithm>
#include <array>
#include <vector>

namespace headwater {

namespace {

constexpr QChar kThinSpace(0x2009); ///< between the thousands of a number

const QString& wordsFamily()
{
    static const QString family = QStringLiteral("Headwater Sans");
    return family;
}

QFont fontOf(const QStringList& families, int px, QFont::Weight weight)
{
    loadBundledFonts();
    QFont font(families);
    font.setPixelSize(px);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    // Moves nothing, but Qt makes no ligatures in spaced text: so the desktop's fonts show each character,
    // too.
    font.setLetterSpacing(QFont::PercentageSpacing, 100);
    return font;
}

bool isFigure(QChar character)
{
    return character >= QChar(u'0') && character <= QChar(u'9');
}

/// Figures one by one, and what stands between them as a whole: letters are shaped together, and a quotation
/// of somebody's words (see isolated()) keeps its own figures.
QStringList tabularPieces(const QString& text)
{
    QStringList pieces;
    bool isOpen = false; // the last piece goes on
    int depth = 0;
    for (const QChar character : text) {
        depth += character == QChar(0x2068) ? 1 : 0;
        const bool isAlone = depth == 0 && isFigure(character);
        if (isOpen && !isAlone)
            pieces.back().append(character);
        else
            pieces.append(character);
        isOpen = !isAlone;
        depth -= character == QChar(0x2069) && depth > 0 ? 1 : 0;
    }
    return pieces;
}

/// A piece of tabular text and where it stands.
struct PlacedPiece {
    QString text;
    double left = 0; ///< of its cell
    double cell = 0; ///< width: of a figure, that of the widest
    double advance = 0;
};

std::vector<PlacedPiece> placePieces(const QFontMetricsF& metrics, const QString& text)
{
    std::array<double, 10> figures{};
    for (std::size_t i = 0; i < figures.size(); ++i)
        figures[i] = metrics.horizontalAdvance(QChar(static_cast<char16_t>(u'0' + i)));
    const double widest = *std::max_element(figures.begin(), figures.end());
    std::vector<PlacedPiece> placed;
    double left = 0;
    for (const QString& piece : tabularPieces(text)) {
        const QChar front = piece.front();
        if (isFigure(front)) {
            placed.push_back(
                {piece, left, widest, figures[static_cast<std::size_t>(front.unicode() - u'0')]});
        } else {
            // A space alone needs no shaping.
            const double advance = piece == kThinSpace ? metrics.horizontalAdvance(kThinSpace)
                                                       : metrics.horizontalAdvance(piece);
            placed.push_back({piece, left, advance, advance});
        }
        left += placed.back().cell;
    }
    return placed;
}

double widthOf(const std::vector<PlacedPiece>& pieces)
{
    return pieces.empty() ? 0 : pieces.back().left + pieces.back().cell;
}

/// Invalid bytes have become U+FFFD already; controls do, those too that would turn their neighbours round.
bool isControl(QChar character)
{
    return character.category() == QChar::Other_Control || isBidiControl(character.unicode());
}

} // namespace

void loadBundledFonts()
{
    static const bool loaded = [] {
        for (const char* name : {"fonts/HeadwaterSans-Regular.otf", "fonts/HeadwaterSans-Medium.otf",
                                 "fonts/HeadwaterSans-SemiBold.otf", "fonts/HeadwaterMono-Regular.ttf"}) {
            const std::filesystem::path file = findResource(name);
            if (!file.empty())
                QFontDatabase::addApplicationFont(QString::fromStdString(file.string()));
        }
        return true;
    }();
    Q_UNUSED(loaded)
}

QFont wordsFont(int px, QFont::Weight weight)
{
    return fontOf({wordsFamily(), QStringLiteral("DejaVu Sans")}, px, weight);
}

QFont tokensFont(int px)
{
    QFont font =
        fontOf({QStringLiteral("Headwater Mono"), QStringLiteral("DejaVu Sans Mono")}, px, QFont::Normal);
    font.setStyleHint(QFont::Monospace);
    return font;
}

QFont titleFont()
{
    QFont font = wordsFont(11, QFont::Medium);
    font.setLetterSpacing(QFont::PercentageSpacing, 106);
    return font;
}

double tabularWidth(const QFontMetricsF& metrics, const QString& text)
{
    return widthOf(placePieces(metrics, text));
}

void drawTabular(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text)
{
    const QFontMetricsF metrics(painter.font(), painter.device());
    const std::vector<PlacedPiece> pieces = placePieces(metrics, text);
    const double width = widthOf(pieces);
    double x = rect.left();
    if (alignment & Qt::AlignRight)
        x = rect.right() - width;
    else if (alignment & Qt::AlignHCenter)
        x = rect.center().x() - width / 2;
    double baseline = rect.top() + metrics.ascent();
    if (alignment & Qt::AlignBottom)
        baseline = rect.bottom() - metrics.descent();
    else if (alignment & Qt::AlignVCenter)
        baseline = rect.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    for (const PlacedPiece& piece : pieces) {
        if (piece.text != kThinSpace) // has nothing to draw
            painter.drawText(QPointF(x + piece.left + (piece.cell - piece.advance) / 2, baseline),
                             piece.text);
    }
}

QString thousandsOf(qulonglong value)
{
    QString text = QString::number(value);
    for (qsizetype at = text.size() - 3; at > 0; at -= 3)
        text.insert(at, kThinSpace);
    return text;
}

QString shortened(const QString& text, int maxLength)
{
    if (text.size() <= maxLength)
        return text;
    QTextBoundaryFinder letters(QTextBoundaryFinder::Grapheme, text);
    letters.setPosition(maxLength - 1);
    if (!letters.isAtBoundary())
        letters.toPreviousBoundary();
    return text.left(letters.position()) + QChar(0x2026);
}

QString tokenLabel(std::string_view bytes, int maxLength)
{
    QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    text.replace(QChar(u'\n'), QChar(0x23ce));
    text.replace(QChar(u'\r'), QChar(0x240d));
    text.replace(QChar(u'\t'), QChar(0x21e5));
    for (QChar& character : text) {
        if (isControl(character))
            character = QChar(0xfffd);
    }
    const QString inner = text.trimmed();
    if (inner.isEmpty())
        return QString(qMin(text.size(), static_cast<qsizetype>(maxLength)), QChar(0x2423));
    return shortened(inner, maxLength);
}

QString proseOf(std::string_view bytes)
{
    const QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    QString line;
    line.reserve(text.size());
    bool space = false;
    for (const QChar character : text) {
        const bool blank = character.isSpace() || isControl(character);
        if (blank && space)
            continue;
        line.append(blank ? QChar(u' ') : character);
        space = blank;
    }
    return line;
}

} // namespace headwater
