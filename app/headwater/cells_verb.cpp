// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/base/token_range.h"
#include "core/reading/cell_list.h"
#include "core/record/cell_levels.h"
#include "core/trace/trace_quantity.h"

#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct CellsArguments {
    std::string trace;
    int layer = 0;
    int head = 0;
    std::string queries;
    std::string keys;
    std::optional<std::uint32_t> level;
    bool json = false;
};

/// What a cell list is of.
struct CellsAsked {
    TraceReading reading;
    HeadId head;
    std::uint32_t level = 0;
    TokenRange queries;
    TokenRange keys;

    const HeadInfo& info() const { return *reading.trace->findHead(head.layer, head.head); }
};

const char* nameOfState(KnownPair::State state)
{
    switch (state) {
    case KnownPair::State::Exact:
        return "exact";
    case KnownPair::State::Recorded:
        return "recorded";
    case KnownPair::State::Peak:
        return "peak";
    case KnownPair::State::BelowRecorded:
        return "below_recorded";
    case KnownPair::State::InBlock:
        return "in_block";
    case KnownPair::State::NotKept:
        return "not_kept";
    case KnownPair::State::None:
        break;
    }
    return "none";
}

nlohmann::json cellsJson(const CellsAsked& asked)
{
    return {{"layer", asked.head.layer},
            {"head", asked.head.head},
            {"level", asked.level},
            {"query", {asked.queries.begin, asked.queries.end}},
            {"key", {asked.keys.begin, asked.keys.end}},
            {"quantity", blockQuantity(*asked.reading.trace, asked.info())},
            {"row_quantity", tokenRowQuantity(*asked.reading.trace)},
            {"block_q", asked.info().blockQ},
            {"block_k", asked.info().blockK},
            {"bound", nullptr},
            {"cells", nullptr},
            {"pairs", nullptr}};
}

Result<int> showCells(const CellsAsked& asked, bool json, const std::stop_token& stop)
{
    HEADWATER_TRY_ASSIGN(const CellList list,
                         readCells(asked.reading, asked.head, asked.level, asked.queries, asked.keys, stop));
    if (json) {
        nlohmann::json out = cellsJson(asked);
        out["bound"] = knownNumber(list.bound);
        out["cells"] = nlohmann::json::array();
        for (const MapCellEntry& cell : list.cells) {
            out["cells"].push_back({{"query", {cell.queries.begin, cell.queries.end}},
                                    {"key", {cell.keys.begin, cell.keys.end}},
                                    {"largest", knownNumber(cell.largest)},
                                    {"largest_query", cell.query},
                                    {"largest_key", cell.key},
                                    {"blocks", cell.blocks},
                                    {"mass", knownNumber(cell.mass)}});
        }
        printJson(out);
        return 0;
    }
    std::printf("queries        keys           largest     at query, key      blocks  mean mass\n");
    for (const MapCellEntry& cell : list.cells) {
        const std::string queries = fmt::format("{}:{}", cell.queries.begin, cell.queries.end);
        const std::string keys = fmt::format("{}:{}", cell.keys.begin, cell.keys.end);
        std::printf("%-14s %-14s %-11.4g %-8u %-9u %6llu  %.4g\n", queries.c_str(), keys.c_str(),
                    static_cast<double>(cell.largest), cell.query, cell.key,
                    static_cast<unsigned long long>(cell.blocks), cell.mass);
    }
    std::printf("what is not kept: at most %s a key\n", boundText(static_cast<double>(list.bound)).c_str());
    return 0;
}

Result<int> showPairs(const CellsAsked& asked, bool json, const std::stop_token& stop)
{
    HEADWATER_TRY_ASSIGN(const std::vector<KnownPair> pairs,
                         readPairs(asked.reading, asked.head, asked.queries, asked.keys, stop));
    nlohmann::json out = cellsJson(asked);
    out["pairs"] = nlohmann::json::array();
    for (const KnownPair& pair : pairs) {
        if (json) {
            out["pairs"].push_back({{"query", pair.row},
                                    {"key", pair.key},
                                    {"state", nameOfState(pair.state)},
                                    {"p", knownNumber(pair.value)},
                                    {"bound", knownNumber(pair.bound)}});
            continue;
        }
        const bool isKnown = pair.hasValue();
        const std::string number = isKnown ? fmt::format("{:.4g}", pair.value)
                                           : "at most " + boundText(static_cast<double>(pair.bound));
        std::printf("query %u, key %u: %-14s %s\n", pair.row, pair.key, nameOfState(pair.state),
                    number.c_str());
    }
    if (json)
        printJson(out);
    return 0;
}

Result<int> cells(const CellsArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    CellsAsked asked{readingOf(trace), {arguments.layer, arguments.head}, 0, {}, {}};
    HEADWATER_TRY_ASSIGN(asked.queries, parseTokenRange(arguments.queries, trace->seqLen()));
    HEADWATER_TRY_ASSIGN(asked.keys, parseTokenRange(arguments.keys, trace->seqLen()));
    const HeadInfo* const info = trace->findHead(arguments.layer, arguments.head);
    if (!info)
        return Error{ErrorCode::NotFound, "is not in the trace",
                     fmt::format("layer {}, head {}", arguments.layer, arguments.head)};
    asked.level = arguments.level.value_or(blockLevel({info->rows, info->blockQ, info->blockK}));
    return asked.level == 0 ? showPairs(asked, arguments.json, context.stop)
                            : showCells(asked, arguments.json, context.stop);
}

} // namespace

void addCellsVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<CellsArguments>();
    CLI::App* const verb =
        app.add_subcommand("cells", "the cells of a head's map, or single pairs, in numbers");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("--layer", arguments->layer, "the layer")->required()->check(CLI::NonNegativeNumber);
    verb->add_option("--head", arguments->head, "the head")->required()->check(CLI::NonNegativeNumber);
    verb->add_option("--queries", arguments->queries, "the query tokens A:B")->required();
    verb->add_option("--keys", arguments->keys, "the key tokens A:B")->required();
    verb->add_option("--level", arguments->level,
                     "cells of 2^N tokens, no smaller than a block; 0: every pair [the blocks]");
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return cells(*arguments, context); };
    });
}

} // namespace headwater
