// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/tooltip_card.h"

#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr int kWidth = 352;
constexpr double kPadding = 12;
constexpr double kShadow = 10; ///< pixels around the card that its shadow takes
constexpr double kDistance = 14; ///< from the cell
constexpr std::uint32_t kContext = 8; ///< tokens on each side

QString prose(const Trace& trace, std::uint32_t begin, std::uint32_t end)
{
    const auto offsets = trace.tokenOffsets();
    return proseOf(trace.text().substr(offsets[begin], offsets[end] - offsets[begin]));
}

TooltipContent::Line lineOf(const QString& name, const Trace& trace, std::uint32_t token)
{
    TooltipContent::Line line;
    line.label = QStringLiteral("%1 %2").arg(name, thousandsOf(token));
    const std::uint32_t begin = token > kContext ? token - kContext : 0;
    const std::uint32_t end = std::min(trace.seqLen(), token + 1 + kContext);
    line.before = prose(trace, begin, token);
    if (begin > 0)
        line.before.prepend(QChar(0x2026));
    // The spaces around the word belong to its neighbours: only the word is coloured.
    const QString word = prose(trace, token, token + 1);
    line.word = word.trimmed().isEmpty() ? tokenLabel(trace.tokenText(token)) : word.trimmed();
    if (word.startsWith(QLatin1Char(' ')) && !line.before.endsWith(QLatin1Char(' ')))
        line.before += QLatin1Char(' ');
    line.after = prose(trace, token + 1, end);
    return line;
}

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1);
}

void describeMissed(const CellAnswer& answer, TooltipContent& content)
{
    const std::uint32_t rows = answer.cell.queries.end - answer.cell.queries.begin;
    if (std::isnan(answer.missedMost)) {
        content.value = TooltipCard::tr("unknown");
        content.aggregate = TooltipCard::tr("the map's numbers are of the kept keys only");
        return;
    }
    content.value = percent(static_cast<double>(answer.missedMost));
    content.aggregate = rows == 1
        ? TooltipCard::tr("mass the map misses of this row")
        : TooltipCard::tr("mass the map misses, largest of %1 rows").arg(thousandsOf(rows));
}

void describeEdge(const CellAnswer& answer, const HeadInfo* info, MapMode mode, TooltipContent& content)
{
    const TokenSpan& queries = answer.cell.queries;
    const TokenSpan& keys = answer.cell.keys;
    const quint64 cellPairs = quint64{queries.end - queries.begin} * (keys.end - keys.begin);
    const bool block =
        info && (std::uint64_t{1} << answer.cell.level) <= std::min(info->blockQ, info->blockK);
    const QString pairs = thousandsOf(block ? quint64{info->blockQ} * info->blockK : cellPairs);
    if (!answer.edge) {
        content.value = QStringLiteral("0");
        content.aggregate = TooltipCard::tr("nothing kept among %1 pairs").arg(pairs);
        return;
    }
    const QString peak = probabilityText(static_cast<double>(answer.edge->peak));
    if (mode == MapMode::Count) {
        content.value = thousandsOf(answer.edge->edgesInCell);
        content.aggregate = TooltipCard::tr("kept blocks in this cell · largest pair %1").arg(peak);
        return;
    }
    content.value = peak;
    if (block) {
        const QString mean = probabilityText(static_cast<double>(answer.edge->mass));
        content.aggregate =
            TooltipCard::tr("largest of %1 pairs in this block · mean mass %2").arg(pairs, mean);
    } else {
        const QString edges = answer.edge->edgesInCell == 1
            ? TooltipCard::tr("1 edge")
            : TooltipCard::tr("%1 edges").arg(thousandsOf(answer.edge->edgesInCell));
        content.aggregate = TooltipCard::tr("largest of %1 pairs in this cell · %2").arg(pairs, edges);
    }
}

} // namespace

bool operator==(const TooltipContent::Line& a, const TooltipContent::Line& b)
{
    return a.label == b.label && a.before == b.before && a.word == b.word && a.after == b.after;
}

QString quantityOf(const Trace& trace, const HeadInfo& info)
{
    if (info.normaliser == Normaliser::Kept)
        return QStringLiteral("p_masked");
    const nlohmann::json& meta = trace.meta();
    if (!meta.is_object())
        return QStringLiteral("p_model");
    const auto params = meta.find("params");
    const bool propagated = params != meta.end() && params->is_object()
        && params->value("propagated", nlohmann::json(false)) == true;
    return propagated ? QStringLiteral("p_stream") : QStringLiteral("p_model");
}

QString quantityAndSelection(const Trace& trace, const HeadInfo& info)
{
    QString selection = QStringLiteral("exact");
    if (info.selection == Selection::Tree)
        selection = QStringLiteral("tree");
    else if (info.selection == Selection::Stream)
        selection = QStringLiteral("stream");
    if (info.kind != HeadKind::Global)
        selection = TooltipCard::tr("window");
    return QStringLiteral("%1 · %2").arg(quantityOf(trace, info), selection);
}

QString probabilityText(double value)
{
    if (std::isnan(value))
        return TooltipCard::tr("unknown");
    if (value == 0)
        return QStringLiteral("0");
    if (value >= 0.001)
        return QString::number(value, 'f', value >= 0.0995 ? 3 : 4);
    return QString::number(value, 'e', 1).replace(QLatin1String("e-0"), QLatin1String("e-"));
}

TooltipContent tooltipOf(const CellAnswer& answer, const Trace& trace, MapMode mode)
{
    TooltipContent content;
    const HeadInfo* info = trace.findHead(answer.head.layer, answer.head.head);
    if (info)
        content.pill = quantityAndSelection(trace, *info);
    if (!answer.known) {
        content.value = QStringLiteral("–");
        content.aggregate = answer.failure
            ? QString::fromStdString(answer.failure->text())
            : TooltipCard::tr("this trace holds only the overview of this head");
    } else if (mode == MapMode::Missed) {
        describeMissed(answer, content);
    } else {
        describeEdge(answer, info, mode, content);
    }
    const std::optional<CellEdge>& edge = answer.edge;
    content.query = lineOf(TooltipCard::tr("query"), trace, edge ? edge->query : answer.cell.queries.begin);
    content.key = lineOf(TooltipCard::tr("key"), trace, edge ? edge->key : answer.cell.keys.begin);
    if (edge) {
        const double keeps = std::isnan(answer.missed) ? static_cast<double>(edge->rowKeptMass)
                                                       : 1 - static_cast<double>(answer.missed);
        content.rank = TooltipCard::tr("block %1 of %2 kept in this row · row keeps %3")
                           .arg(thousandsOf(edge->rankInRow), thousandsOf(edge->edgesInRow), percent(keeps));
    }
    return content;
}

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
        height += 10 + 38;
    if (!content.rank.isEmpty())
        height += 24;
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
    const double baseline = y + 14;
    double x = left;
    const auto draw = [&](const QString& text, const QColor& pen) {
        painter.setPen(pen);
        painter.drawText(QPointF(x, baseline), text);
        x += metrics.horizontalAdvance(text);
    };
    draw(line.label + QLatin1Char(' ') + QChar(0x2002), colour);
    const QString word = metrics.elidedText(line.word, Qt::ElideRight, room / 2);
    const double rest = left + room - x - metrics.horizontalAdvance(word);
    // Two thirds of what is left go to the text before the word.
    const double afterWidth = std::min(metrics.horizontalAdvance(line.after),
                                       std::max(rest / 3, rest - metrics.horizontalAdvance(line.before)));
    draw(metrics.elidedText(line.before, Qt::ElideLeft, rest - afterWidth), theme.text);
    draw(word, colour);
    painter.setPen(theme.dim);
    painter.drawText(QPointF(x, baseline), metrics.elidedText(line.after, Qt::ElideRight, left + room - x));
    return y + 19;
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
    painter.setFont(wordsFont(26, QFont::DemiBold));
    painter.drawText(QRectF(left, y - 2, room, 32), Qt::AlignLeft | Qt::AlignVCenter, m_content.value);
    if (!m_content.pill.isEmpty()) {
        painter.setFont(wordsFont(11));
        const double width = QFontMetricsF(painter.font()).horizontalAdvance(m_content.pill) + 16;
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
    if (m_content.query && m_content.key) {
        y += 6;
        y = paintTokenLine(painter, y, *m_content.query, theme.query);
        y = paintTokenLine(painter, y, *m_content.key, theme.key);
        y += 4;
    }
    painter.setPen(theme.dim);
    if (!m_content.rank.isEmpty())
        painter.drawText(QRectF(left, y, room, 22), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(m_content.rank, Qt::ElideRight, room));
}

} // namespace headwater
