// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/tooltip_content.h"

#include "ui/map/known_pair_text.h"
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
quint64 causalPairs(const TokenRange& queries, const TokenRange& keys)
{
    const auto upTo = [&keys](std::uint64_t query) { // keys of the span that rows before `query` may read
        const std::uint64_t begin = std::clamp<std::uint64_t>(query, keys.begin, keys.end) - keys.begin;
        const std::uint64_t full = query > keys.end ? query - keys.end : 0;
        return begin * (begin + 1) / 2 + full * (keys.end - keys.begin);
    };
    return upTo(queries.end) - upTo(queries.begin);
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

/// A cell from the block level on: the largest of its kept blocks.
void describeEdge(const CellAnswer& answer, MapMode mode, TooltipContent& content)
{
    const QString pairs = thousandsOf(causalPairs(answer.cell.queries, answer.cell.keys));
    if (!answer.edge) {
        content.value = mode == MapMode::Count ? QStringLiteral("0") : words("not kept");
        content.aggregate =
            words("none of %1 pairs is in the map · %2")
                .arg(pairs,
                     std::isnan(answer.notKept) ? atMostText(answer.notKept)
                                                : words("%1 a key").arg(atMostText(answer.notKept)));
        return;
    }
    const QString peak = probabilityText(static_cast<double>(answer.edge->peak));
    if (mode == MapMode::Count) {
        content.value = thousandsOf(answer.edge->edgesInCell);
        content.aggregate = words("kept blocks in this cell · largest pair %1").arg(peak);
        return;
    }
    content.value = peak;
    const QString edges = answer.edge->edgesInCell == 1
        ? words("1 edge")
        : words("%1 edges").arg(thousandsOf(answer.edge->edgesInCell));
    content.aggregate = words("largest of %1 pairs in this cell · %2").arg(pairs, edges);
}

/// A cell below the block level: what is known of its pair, or of the one that says most.
void describePair(const CellAnswer& answer, MapMode mode, TooltipContent& content)
{
    const KnownPair& pair = *answer.pair;
    if (mode == MapMode::Count) {
        content.value = thousandsOf(answer.edge ? answer.edge->edgesInCell : 0);
        content.aggregate = words("kept blocks that reach into this cell");
        return;
    }
    content.value = knownPairText(pair);
    const quint64 pairs = causalPairs(answer.cell.queries, answer.cell.keys);
    const QString these = pairs == 1 ? words("this pair") : words("each of %1 pairs").arg(thousandsOf(pairs));
    switch (pair.state) {
    case KnownPair::State::Exact: {
        const QString rows = pair.isRounded ? words("rows over rounded keys") : words("exact rows");
        content.aggregate = pairs == 1
            ? words("one pair, of %1 from the engine").arg(rows)
            : words("largest of %1 pairs, %2 from the engine").arg(thousandsOf(pairs), rows);
        break;
    }
    case KnownPair::State::Recorded:
        content.aggregate = words("its row token by token · key %1 of the %2 recorded")
                                .arg(QString::number(pair.rank), QString::number(pair.recordedKeys));
        break;
    case KnownPair::State::Peak: {
        const quint64 inBlock = causalPairs({pair.block->queries.begin, pair.block->queries.end},
                                            {pair.block->keys.begin, pair.block->keys.end});
        content.aggregate =
            words("largest of %1 pairs in its block · mean mass %2")
                .arg(thousandsOf(inBlock), probabilityText(static_cast<double>(pair.block->mass)));
        break;
    }
    case KnownPair::State::InBlock:
        content.aggregate = words("%1: %2, the block's largest").arg(these, atMostText(pair.bound));
        break;
    case KnownPair::State::BelowRecorded:
    case KnownPair::State::NotKept:
        content.aggregate = QStringLiteral("%1: %2").arg(these, atMostText(pair.bound));
        break;
    case KnownPair::State::None:
        content.aggregate = words("this row does not read this key");
        break;
    }
}

/// Where a pair's block has its largest, and what it holds.
void describeBlock(const KnownPair::Block& block, const Trace& trace, const HeadInfo& info,
                   TooltipContent& content)
{
    content.rank = words("largest, %1, at query %2 × key %3 “%4”")
                       .arg(probabilityText(static_cast<double>(block.peak)), thousandsOf(block.peakRow),
                            thousandsOf(block.peakKey), isolated(tokenLabel(trace.tokenText(block.peakKey))));
    const QString share = nearestPercentText(static_cast<double>(block.mass));
    content.keeps = info.normaliser == Normaliser::Kept
        ? words("its block: %1 of what a row keeps, on average").arg(share)
        : words("its block: %1 of a row's attention, on average").arg(share);
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

/// The tokens of a cell's answer: of the pair that its number is of, or of the place that is meant.
void nameTokens(const CellAnswer& answer, const Trace& trace, const TokenPair& pointed,
                TooltipContent& content)
{
    TokenPair place{pointed.query.value_or(answer.cell.queries.begin),
                    pointed.key.value_or(answer.cell.keys.begin)};
    QString query = words("query");
    const bool hasNumber = answer.pair ? answer.pair->hasValue() : answer.edge.has_value();
    if (hasNumber) {
        const TokenPair numbers = answer.pair ? TokenPair{answer.pair->row, answer.pair->key}
                                              : TokenPair{answer.edge->query, answer.edge->key};
        if (place != numbers && (pointed.query || pointed.key))
            query = words("largest at query");
        place = numbers;
    }
    content.query = lineOf(query, trace, *place.query);
    content.key = lineOf(words("key"), trace, *place.key);
}

} // namespace

TooltipContent tooltipOf(const CellAnswer& answer, const Trace& trace, MapMode mode, const TokenPair& pointed)
{
    TooltipContent content;
    const HeadInfo* info = trace.findHead(answer.head.layer, answer.head.head);
    if (info) {
        const bool isOfWholeRow = answer.pair && mode == MapMode::Max && answer.pair->recordedKeys > 0
            && answer.pair->state != KnownPair::State::Peak;
        const bool isExact =
            answer.pair && mode == MapMode::Max && answer.pair->state == KnownPair::State::Exact;
        content.pill = isExact ? exactQuantityOf(*answer.pair)
            : isOfWholeRow     ? tokenRowQuantityOf(trace)
                               : quantityAndSelection(trace, *info);
    }
    if (!answer.known || !info) {
        content.value = QStringLiteral("–");
        content.aggregate = answer.failure ? QString::fromStdString(answer.failure->text())
                                           : words("this trace holds only the overview of this head");
    } else if (mode == MapMode::Missed) {
        // A row's number: no key has a part in it.
        describeMissed(answer, content);
        const std::uint32_t row = answer.missedRow;
        content.query = lineOf(
            pointed.query.value_or(row) == row ? words("query") : words("largest at query"), trace, row);
        return content;
    } else if (answer.pair) {
        describePair(answer, mode, content);
    } else {
        describeEdge(answer, mode, content);
    }
    nameTokens(answer, trace, pointed, content);
    if (answer.isSomewhere()) {
        describeBlock(*answer.pair->block, trace, *info, content);
    } else if (answer.edge || (answer.pair && answer.pair->state != KnownPair::State::None)) {
        if (answer.edge)
            content.rank =
                words("block %1 of %2 kept in this row")
                    .arg(thousandsOf(answer.edge->rankInRow), thousandsOf(answer.edge->edgesInRow));
        content.keeps = keepsText(answer.missed, *info);
    }
    return content;
}

} // namespace headwater
