// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_caption.h"

#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/figure/heatmap_colours.h"
#include "core/record/kind_names.h"
#include "core/record/whole_row.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/head_row.h"
#include "core/trace/model_title.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace headwater {

namespace {

/// "missed 1.9 % (95 % interval 1.4 to 2.2 %)".
std::string massPhrase(const char* name, const PercentInterval& mass)
{
    return fmt::format("{} {}\u2009% (95\u2009% interval {} to {}\u2009%)", name, mass.mean, mass.lo,
                       mass.hi);
}

/// "Attention kept 98.1 %, missed 1.9 %.", as the window says it.
std::vector<std::string> massPhrases(const Interval& kept)
{
    if (std::isnan(kept.mean))
        return {"Kept and missed attention unknown."};
    if (kept.lo >= kept.hi)
        return {fmt::format("Attention kept {}\u2009%,", percentFigure(kept.mean, Rounding::Down)),
                fmt::format("missed {}\u2009%.", percentFigure(1 - kept.mean, Rounding::Up))};
    return {massPhrase("Attention kept", percentInterval(kept.mean, kept.lo, kept.hi)) + ',',
            massPhrase("missed", percentIntervalOfRest(kept.mean, kept.lo, kept.hi)) + '.'};
}

std::string aggregationPhrase(const std::string& probability, CellQuantity quantity, const HeadInfo& head,
                              std::uint32_t level)
{
    const bool isBelowBlocks = level < blockLevel({1, head.blockQ, head.blockK});
    const std::string cell = withThousands(std::uint64_t{1} << level);
    if (quantity == CellQuantity::Missed)
        return fmt::format("Colour: largest missed mass of {} query rows a cell.", cell);
    if (isBelowBlocks && quantity == CellQuantity::Count)
        return fmt::format("Colour: kept blocks of {} × {} tokens, drawn whole.", head.blockQ, head.blockK);
    if (isBelowBlocks && level > 0)
        return fmt::format("Colour: largest known {} of a pair in {} × {} tokens.", probability, cell, cell);
    if (isBelowBlocks)
        return fmt::format("Colour: {} of single pairs.", probability);
    if (quantity == CellQuantity::Count)
        return fmt::format("Colour: kept blocks in {} × {} tokens.", cell, cell);
    return fmt::format("Colour: max of {} over {} × {} tokens.", probability, cell, cell);
}

} // namespace

std::string quantityTitle(const Trace& trace, const HeadInfo& head, CellQuantity quantity)
{
    switch (quantity) {
    case CellQuantity::Count:
        return "kept blocks";
    case CellQuantity::Missed:
        return "missed mass";
    case CellQuantity::Max:
        break;
    }
    return blockQuantity(trace, head);
}

std::string captionModel(const Trace& trace)
{
    const std::string title = modelTitleOf(trace.meta());
    return title.empty() ? "unnamed model" : printable(title);
}

std::vector<std::string> heatmapCaption(const Trace& trace, const HeadInfo& head, CellQuantity quantity,
                                        std::uint32_t level)
{
    std::vector<std::string> phrases;
    phrases.push_back(fmt::format("{} tokens.", withThousands(trace.seqLen())));

    const std::string blocks = fmt::format("blocks of {} × {}", head.blockQ, head.blockK);
    if (head.kind == HeadKind::Sliding) {
        phrases.push_back(fmt::format("Sliding window of {} keys, {}.", withThousands(head.window), blocks));
    } else {
        phrases.push_back(fmt::format("Selection {}, {}, {} keys a query, {}.", nameOf(head.selection),
                                      isPropagated(trace) ? "propagated" : "observed",
                                      withThousands(head.keepKeys), blocks));
    }

    for (std::string& phrase : massPhrases(head.statistics.keptMass))
        phrases.push_back(std::move(phrase));
    phrases.push_back(aggregationPhrase(blockQuantity(trace, head), quantity, head, level));
    if (quantity == CellQuantity::Missed && head.normaliser == Normaliser::Kept)
        phrases.push_back("Hatched: unknown.");
    return phrases;
}

Result<std::vector<std::string>> closeUpPhrases(const Trace& trace, const HeadInfo& head,
                                                const HeatmapCells& cells)
{
    std::vector<std::string> phrases;
    const auto hasSomewhere = [&](std::uint32_t row) { return hasHatched(cells, CellQuantity::Max, row); };
    std::uint32_t row = 0;
    while (row < cells.rows && !hasSomewhere(row))
        ++row;
    if (row < cells.rows)
        phrases.push_back(
            fmt::format("Hatched: in a kept block of {} × {} tokens whose largest pair is another.",
                        head.blockQ, head.blockK));
    double most = -1; // of a key that its recorded row does not name
    std::size_t keys = 0;
    const auto end = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{cells.firstRow + cells.rows} << cells.level, trace.seqLen()));
    for (std::uint32_t token = cells.firstRow << cells.level; token < end; ++token) {
        if (cells.recorded[(token >> cells.level) - cells.firstRow] == 0)
            continue;
        HEADWATER_TRY_ASSIGN(const TokenRow recorded, trace.loadTokenRow(head.layer, head.head, token));
        keys = std::max(keys, recorded.keys.size());
        const bool isBounded = recorded.keys.empty() || isListedWhole(recorded, shapeOf(head));
        most = std::max(most, isBounded ? 0.0 : static_cast<double>(recorded.probability.back()));
    }
    if (most < 0)
        return phrases;
    // A recorded row is of the whole row, whatever the head's other numbers are of.
    const std::string of =
        head.normaliser == Normaliser::Kept ? fmt::format(" in {}", tokenRowQuantity(trace)) : "";
    phrases.push_back(
        fmt::format("Amber edge: rows recorded token by token{}; white there: not among a row's {} "
                    "heaviest keys, at most {}.",
                    of, keys, boundText(most)));
    return phrases;
}

Result<std::string> notKeptPhrase(const Trace& trace, const HeadInfo& head,
                                  const HeatmapFigureOptions& options, std::uint32_t level)
{
    if (options.quantity == CellQuantity::Missed)
        return std::string();
    if (head.normaliser == Normaliser::Kept)
        return std::string("White below the diagonal: not kept, not measured.");
    if (!trace.hasEdges(head.layer, head.head))
        return std::string("White below the diagonal: not kept.");
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> rows, trace.loadRows(head.layer, head.head));
    // A cell on the range's edge shows all of its rows.
    const TokenRange queries = options.queries.value_or(TokenRange{0, trace.seqLen()});
    const std::size_t first = std::size_t{queries.begin} >> level << level;
    const std::size_t end = (((std::size_t{queries.end} - 1) >> level) + 1) << level;
    const float most = largestMissedPeak(*rows, first, std::min(end, rows->missedPeak.size()));
    if (most == 0)
        return std::string();
    if (std::isnan(most))
        return std::string("White below the diagonal: not kept, not measured in every row.");
    return fmt::format("White below the diagonal: not kept, at most {} a key.",
                       boundText(static_cast<double>(most)));
}

} // namespace headwater
