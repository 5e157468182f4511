// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/tooltip_content.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"
#include "ui/theme/quoted_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr std::uint32_t kContext = 8; ///< tokens on each side

QString words(const char* text)
{
    return QCoreApplication::translate("tooltip", text);
}

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
    line.isRightToLeft = paragraphAt(trace.text(), trace.tokenOffsets()[token]).isRightToLeft;
    return line;
}

/// Pairs of the rectangle in which the key is not in the query's future.
quint64 causalPairs(const TokenSpan& queries, const TokenSpan& keys)
{
    const auto upTo = [&keys](std::uint64_t query) { // keys of the span that rows before `query` may read
        const std::uint64_t begin = std::clamp<std::uint64_t>(query, keys.begin, keys.end) - keys.begin;
        const std::uint64_t full = query > keys.end ? query - keys.end : 0;
        return begin * (begin + 1) / 2 + full * (keys.end - keys.begin);
    };
    return upTo(queries.end) - upTo(queries.begin);
}

/// The block that a cell below the block size is part of.
TokenSpan blockOf(std::uint32_t token, std::uint32_t block, std::uint32_t seqLen)
{
    const std::uint32_t begin = token / block * block;
    return {begin, std::min(begin + block, seqLen)};
}

void describeMissed(const CellAnswer& answer, TooltipContent& content)
{
    const std::uint32_t rows = answer.cell.queries.end - answer.cell.queries.begin;
    if (std::isnan(answer.missedMost)) {
        content.value = words("not measured");
        content.aggregate = words("the map's numbers are of the kept keys only");
        return;
    }
    content.value = lostPercentText(static_cast<double>(answer.missedMost));
    content.aggregate = rows == 1 ? words("mass the map misses of this row")
                                  : words("mass the map misses, largest of %1 rows").arg(thousandsOf(rows));
}

void describeEdge(const CellAnswer& answer, const Trace& trace, const HeadInfo& info, MapMode mode,
                  TooltipContent& content)
{
    TokenSpan queries = answer.cell.queries;
    TokenSpan keys = answer.cell.keys;
    const bool block = (std::uint64_t{1} << answer.cell.level) <= std::min(info.blockQ, info.blockK);
    if (block) {
        queries = blockOf(queries.begin, info.blockQ, trace.seqLen());
        keys = blockOf(keys.begin, info.blockK, trace.seqLen());
    }
    const QString pairs = thousandsOf(causalPairs(queries, keys));
    if (!answer.edge) {
        content.value = mode == MapMode::Count ? QStringLiteral("0") : words("not kept");
        content.aggregate = words("none of %1 pairs is in the map").arg(pairs);
        return;
    }
    const QString peak = probabilityText(static_cast<double>(answer.edge->peak));
    if (mode == MapMode::Count) {
        content.value = thousandsOf(answer.edge->edgesInCell);
        content.aggregate = words("kept blocks in this cell · largest pair %1").arg(peak);
        return;
    }
    content.value = peak;
    if (block) {
        const QString mean = probabilityText(static_cast<double>(answer.edge->mass));
        content.aggregate = words("largest of %1 pairs in this block · mean mass %2").arg(pairs, mean);
    } else {
        const QString edges = answer.edge->edgesInCell == 1
            ? words("1 edge")
            : words("%1 edges").arg(thousandsOf(answer.edge->edgesInCell));
        content.aggregate = words("largest of %1 pairs in this cell · %2").arg(pairs, edges);
    }
}

/// What the row keeps; where that was not measured, what the probe rows say of the head.
QString keepsText(float missed, const HeadInfo& info)
{
    if (!std::isnan(missed))
        return words("row keeps %1").arg(percentText(1 - static_cast<double>(missed)));
    const Interval& kept = info.statistics.keptMass;
    if (std::isnan(kept.mean))
        return words("row keeps: not measured");
    return words("row keeps: not measured · head %1").arg(intervalText(kept.mean, kept.lo, kept.hi));
}

} // namespace

TooltipContent tooltipOf(const CellAnswer& answer, const Trace& trace, MapMode mode, const TokenPair& pointed)
{
    TooltipContent content;
    const HeadInfo* info = trace.findHead(answer.head.layer, answer.head.head);
    if (info)
        content.pill = quantityAndSelection(trace, *info);
    const std::optional<CellEdge>& edge = answer.edge;
    const QString query = words("query");
    const QString largest = words("largest at query");
    if (!answer.known || !info) {
        content.value = QStringLiteral("–");
        content.aggregate = answer.failure ? QString::fromStdString(answer.failure->text())
                                           : words("this trace holds only the overview of this head");
    } else if (mode == MapMode::Missed) {
        // A row's number: no key has a part in it.
        describeMissed(answer, content);
        const std::uint32_t row = answer.missedRow;
        content.query = lineOf(pointed.query.value_or(row) == row ? query : largest, trace, row);
        return content;
    } else {
        describeEdge(answer, trace, *info, mode, content);
    }
    if (edge) {
        const bool elsewhere = pointed.query.value_or(edge->query) != edge->query
            || pointed.key.value_or(edge->key) != edge->key;
        content.query = lineOf(elsewhere ? largest : query, trace, edge->query);
        content.key = lineOf(words("key"), trace, edge->key);
        content.rank = words("block %1 of %2 kept in this row")
                           .arg(thousandsOf(edge->rankInRow), thousandsOf(edge->edgesInRow));
        content.keeps = keepsText(answer.missed, *info);
        return content;
    }
    content.query = lineOf(query, trace, pointed.query.value_or(answer.cell.queries.begin));
    content.key = lineOf(words("key"), trace, pointed.key.value_or(answer.cell.keys.begin));
    return content;
}

} // namespace headwater
