// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/tooltip_card.h"

#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextLayout>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kWidth = 352;
constexpr double kPadding = 12;
constexpr double kShadow = 10; ///< pixels around the card that its shadow takes
constexpr double kDistance = 14; ///< from the cell
constexpr double kTokenLine = 19;
constexpr double kLastLine = 20;

} // namespace

TooltipCard::TooltipCard(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("mapTooltip"));
    setAccessibleName(tr("Cell under the cursor"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    hide();
}

void TooltipCard::showAt(const TooltipContent& content, const QRectF& cell)
{
    m_content = content;
    double height = kPadding * 2 + 32 + 20;
    if (content.query)
        height += 10 + kTokenLine;
    if (content.key)
        height += kTokenLine;
    for (const QString& line : {content.rank, content.keeps})
        height += line.isEmpty() ? 0 : kLastLine;
    resize(kWidth + static_cast<int>(2 * kShadow), static_cast<int>(height + 2 * kShadow));
    placeBeside(cell);
    show();
    raise();
    update();
}

void TooltipCard::placeBeside(const QRectF& cell)
{
    const QRectF room = QRectF(parentWidget()->rect()).adjusted(4, 4, -4, -4);
    const QSizeF card(width() - 2 * kShadow, height() - 2 * kShadow);
    const double right = cell.right() + kDistance;
    const double left = cell.left() - kDistance - card.width();
    const double below = cell.bottom() + kDistance;
    const double above = cell.top() - kDistance - card.height();
    const auto keptX = [&](double x) {
        return std::clamp(x, room.left(), std::max(room.left(), room.right() - card.width()));
    };
    const auto keptY = [&](double y) {
        return std::clamp(y, room.top(), std::max(room.top(), room.bottom() - card.height()));
    };
    const QPointF places[] = {{right, below},        {left, below},         {right, above},
                              {left, above},         {right, keptY(below)}, {left, keptY(below)},
                              {keptX(right), above}, {keptX(right), below}};
    QPointF best(keptX(right), keptY(below));
    for (const QPointF& place : places) {
        if (room.contains(QRectF(place, card))) {
            best = place;
            break;
        }
    }
    move((best - QPointF(kShadow, kShadow)).toPoint());
}

double TooltipCard::paintTokenLine(QPainter& painter, double y, const TooltipContent::Line& line,
                                   const QColor& colour) const
{
    const Theme& theme = themeOf(palette());
    const QFontMetricsF metrics(painter.font());
    const double left = kShadow + kPadding;
    const double room = kWidth - 2 * kPadding;
    const QString label = line.label + QLatin1Char(' ') + QChar(0x2002);
    painter.setPen(colour);
    painter.drawText(QPointF(left, y + 14), label);
    const double x = left + metrics.horizontalAdvance(label);
    const QString word = metrics.elidedText(line.word, Qt::ElideRight, room / 2);
    const double rest = left + room - x - metrics.horizontalAdvance(word);
    // Two thirds of what is left go to the text before the word.
    const double afterWidth = std::min(metrics.horizontalAdvance(line.after),
                                       std::max(rest / 3, rest - metrics.horizontalAdvance(line.before)));
    const QString before = metrics.elidedText(line.before, Qt::ElideLeft, rest - afterWidth);
    const double unused = rest - metrics.horizontalAdvance(before);
    const QString after = metrics.elidedText(line.after, Qt::ElideRight, unused);
    // One piece of text in the direction of its paragraph: what stands before the word may lie on its right.
    const auto formatOf = [](qsizetype start, const QString& part, const QColor& pen) {
        QTextLayout::FormatRange range{static_cast<int>(start), static_cast<int>(part.size()), {}};
        range.format.setForeground(pen);
        return range;
    };
    QTextLayout layout(before + word + after, painter.font());
    layout.setFormats({formatOf(0, before, theme.text), formatOf(before.size(), word, colour),
                       formatOf(before.size() + word.size(), after, theme.dim)});
    QTextOption option(Qt::AlignLeft | Qt::AlignAbsolute);
    option.setWrapMode(QTextOption::NoWrap);
    option.setTextDirection(line.isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
    layout.setTextOption(option);
    layout.beginLayout();
    QTextLine shown = layout.createLine();
    if (shown.isValid())
        shown.setLineWidth(1e6);
    layout.endLayout();
    if (shown.isValid())
        layout.draw(&painter, QPointF(x, y + 14 - shown.ascent()));
    return y + kTokenLine;
}

void TooltipCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(palette());
    const QRectF card = QRectF(rect()).adjusted(kShadow, kShadow, -kShadow, -kShadow);
    painter.setPen(Qt::NoPen);
    for (int ring = static_cast<int>(kShadow) - 1; ring > 0; ring -= 2) {
        painter.setBrush(QColor(0, 0, 0, theme.dark ? 16 : 7));
        painter.drawRoundedRect(card.adjusted(-ring, -ring + 2, ring, ring), 7 + ring, 7 + ring);
    }
    painter.setPen(theme.line);
    painter.setBrush(theme.raised);
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7);

    double y = card.top() + kPadding;
    const double left = card.left() + kPadding;
    const double room = card.width() - 2 * kPadding;
    painter.setPen(theme.text);
    const double width =
        m_content.pill.isEmpty() ? 0 : QFontMetricsF(wordsFont(11)).horizontalAdvance(m_content.pill) + 16;
    painter.setFont(wordsFont(26, QFont::DemiBold));
    if (QFontMetricsF(painter.font()).horizontalAdvance(m_content.value) > room - width - 8)
        painter.setFont(wordsFont(17, QFont::DemiBold)); // words in place of a number
    painter.drawText(QRectF(left, y - 2, room, 32), Qt::AlignLeft | Qt::AlignVCenter, m_content.value);
    if (!m_content.pill.isEmpty()) {
        painter.setFont(wordsFont(11));
        const QRectF pill(card.right() - kPadding - width, y + 3, width, 18);
        painter.setPen(theme.line);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(pill, 9, 9);
        painter.setPen(theme.dim);
        painter.drawText(pill, Qt::AlignCenter, m_content.pill);
    }
    y += 32;
    painter.setFont(wordsFont(13));
    painter.setPen(theme.dim);
    const QFontMetricsF metrics(painter.font());
    painter.drawText(QRectF(left, y, room, 20), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(m_content.aggregate, Qt::ElideRight, room));
    y += 20;
    y += 6;
    if (m_content.query)
        y = paintTokenLine(painter, y, *m_content.query, theme.query);
    if (m_content.key)
        y = paintTokenLine(painter, y, *m_content.key, theme.key);
    y += 4;
    painter.setPen(theme.dim);
    for (const QString& line : {m_content.rank, m_content.keeps}) {
        if (line.isEmpty())
            continue;
        painter.drawText(QRectF(left, y, room, kLastLine), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(line, Qt::ElideRight, room));
        y += kLastLine;
    }
}

} // namespace headwater
