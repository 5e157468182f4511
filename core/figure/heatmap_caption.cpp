// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_caption.h"

#include "core/base/text.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/model_title.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {

namespace {

/// A member of a member of the trace's meta; null when either is absent or of another kind.
const nlohmann::json* findMeta(const Trace& trace, const char* table, const char* key)
{
    const nlohmann::json& meta = trace.meta();
    const auto outer = meta.find(table);
    if (outer == meta.end() || !outer->is_object())
        return nullptr;
    const auto inner = outer->find(key);
    return inner == outer->end() ? nullptr : &*inner;
}

bool isPropagated(const Trace& trace)
{
    const nlohmann::json* const found = findMeta(trace, "params", "propagated");
    return found && found->is_boolean() && found->get<bool>();
}

const char* selectionName(Selection selection)
{
    switch (selection) {
    case Selection::Tree:
        return "tree";
    case Selection::Stream:
        return "stream";
    case Selection::Auto:
    case Selection::Exact:
        break;
    }
    return "exact";
}

/// As the window says it: what is kept rounded down, what is missed rounded up, so that neither flatters and
/// both make a hundred. In tenths of a percent, what lies within a float's rounding of a figure counts as
/// that figure.
double keptTenths(double share)
{
    return std::floor(share * 1000 + 5e-4) / 10;
}

double missedTenths(double share)
{
    return std::ceil(share * 1000 - 5e-4) / 10;
}

std::string massPhrase(const char* name, double mean, double lo, double hi, double (*tenths)(double))
{
    if (lo == hi)
        return fmt::format("{} {:.1f}\u2009%", name, tenths(mean));
    return fmt::format("{} {:.1f}\u2009% (95\u2009% interval {:.1f} to {:.1f}\u2009%)", name, tenths(mean),
                       tenths(lo), tenths(hi));
}

std::string aggregationPhrase(const std::string& probability, CellQuantity quantity, const HeadInfo& head,
                              std::uint32_t level)
{
    const bool isBelowBlocks = level < blockLevel({1, head.blockQ, head.blockK});
    const std::string cell = withThousands(std::uint64_t{1} << level);
    if (quantity == CellQuantity::Missed)
        return fmt::format("Colour: largest missed mass of {} query rows a cell.", cell);
    if (isBelowBlocks) {
        return fmt::format("Colour: {} of each block of {} × {} tokens, drawn whole.",
                           quantity == CellQuantity::Count ? "presence" : "largest " + probability,
                           head.blockQ, head.blockK);
    }
    if (quantity == CellQuantity::Count)
        return fmt::format("Colour: kept blocks in {} × {} tokens.", cell, cell);
    return fmt::format("Colour: max of {} over {} × {} tokens.", probability, cell, cell);
}

} // namespace

std::string probabilityName(const Trace& trace, const HeadInfo& head)
{
    if (head.normaliser == Normaliser::Kept)
        return "p_masked";
    return isPropagated(trace) ? "p_stream" : "p_model";
}

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
    return probabilityName(trace, head);
}

std::vector<std::string> heatmapCaption(const Trace& trace, const HeadInfo& head, CellQuantity quantity,
                                        std::uint32_t level)
{
    std::vector<std::string> phrases;
    const std::string title = modelTitleOf(trace.meta());
    const std::string model = title.empty() ? "unnamed model" : printable(title);
    phrases.push_back(fmt::format("{}, {} tokens.", model, withThousands(trace.seqLen())));

    const std::string blocks = fmt::format("blocks of {} × {}", head.blockQ, head.blockK);
    if (head.kind == HeadKind::Sliding) {
        phrases.push_back(fmt::format("Sliding window of {} keys, {}.", withThousands(head.window), blocks));
    } else {
        phrases.push_back(fmt::format("Selection {}, {}, {} keys a query, {}.", selectionName(head.selection),
                                      isPropagated(trace) ? "propagated" : "observed",
                                      withThousands(head.keepKeys), blocks));
    }

    const Interval& kept = head.statistics.keptMass;
    if (std::isnan(kept.mean)) {
        phrases.push_back("Kept and missed attention unknown.");
    } else {
        phrases.push_back(massPhrase("Attention kept", kept.mean, kept.lo, kept.hi, keptTenths) + ',');
        phrases.push_back(massPhrase("missed", 1 - kept.mean, 1 - kept.hi, 1 - kept.lo, missedTenths) + '.');
    }
    phrases.push_back(aggregationPhrase(probabilityName(trace, head), quantity, head, level));
    if (quantity == CellQuantity::Missed && head.normaliser == Normaliser::Kept)
        phrases.push_back("Hatched: unknown.");
    return phrases;
}

} // namespace headwater
