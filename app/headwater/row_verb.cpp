// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/head_list.h"
#include "app/headwater/known_number.h"
#include "app/headwater/row_output.h"
#include "app/headwater/token_list.h"
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/reading/known_row.h"
#include "core/trace/trace_place.h"

#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct RowArguments {
    std::string trace;
    std::string tokens;
    std::string layers;
    std::string heads;
    std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
    std::string output;
    bool json = false;
};

nlohmann::json blocksJson(const KnownRow& row, const BlockGrid& grid)
{
    nlohmann::json blocks = nlohmann::json::array();
    for (const BlockEntry& block : row.blocks) {
        const std::uint32_t begin = block.keyBlock * grid.blockK;
        blocks.push_back({{"query", {grid.firstRow(block.queryBlock), grid.endRow(block.queryBlock)}},
                          {"key", {begin, std::min(begin + grid.blockK, grid.seqLen)}},
                          {"mass", knownNumber(block.mass)},
                          {"peak", knownNumber(block.peak)},
                          {"peak_query", block.peakQuery},
                          {"peak_key", block.peakKey}});
    }
    return blocks;
}

nlohmann::json rowJson(const Trace& trace, const KnownRow& row)
{
    const HeadInfo& info = *trace.findHead(row.head.layer, row.head.head);
    nlohmann::json probabilities = nlohmann::json::array();
    for (const float probability : row.probability)
        probabilities.push_back(knownNumber(probability));
    return {{"token", row.token},
            {"layer", row.head.layer},
            {"head", row.head.head},
            {"exact", row.exact},
            {"quantity", row.quantity},
            {"lse", knownNumber(row.lse)},
            {"keys", row.exact ? nlohmann::json(row.keys) : nlohmann::json()},
            {"p", row.exact ? std::move(probabilities) : nlohmann::json()},
            {"blocks", row.exact ? nlohmann::json() : blocksJson(row, {info.rows, info.blockQ, info.blockK})},
            {"held", row.held},
            {"bound", knownNumber(row.bound)},
            {"rest", knownNumber(row.rest)}};
}

std::string numberText(float value)
{
    return std::isnan(value) ? "unknown" : fmt::format("{:.3g}", value);
}

void printRow(const Trace& trace, const KnownRow& row)
{
    std::printf("row %u \"%s\" of layer %d, head %d: %s\n", row.token,
                printable(trace.tokenText(row.token)).c_str(), row.head.layer, row.head.head, row.quantity);
    for (std::size_t i = 0; i < row.keys.size(); ++i)
        std::printf("  %-10.4g  key %u \"%s\"\n", static_cast<double>(row.probability[i]), row.keys[i],
                    printable(trace.tokenText(row.keys[i])).c_str());
    for (const BlockEntry& block : row.blocks)
        std::printf("  %-10.4g  key block %u, largest %.4g at query %u, key %u \"%s\"\n",
                    static_cast<double>(block.mass), block.keyBlock, static_cast<double>(block.peak),
                    block.peakQuery, block.peakKey, printable(trace.tokenText(block.peakKey)).c_str());
    if (row.exact)
        std::printf("  every other key: at most %s; together %s\n", numberText(row.bound).c_str(),
                    numberText(row.rest).c_str());
    else
        std::printf(
            "  only blocks are known, as means over the row's block; a key in none of them: at most %s; "
            "together %s\n",
            numberText(row.bound).c_str(), numberText(row.rest).c_str());
}

Result<int> showRows(const RowArguments& arguments, const VerbContext& context)
{
    if (!arguments.output.empty())
        HEADWATER_TRY(refuseTracePlace(arguments.output));
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(const auto heads, headsNamed(*trace, arguments.layers, arguments.heads));
    HEADWATER_TRY_ASSIGN(const auto tokens,
                         tokensNamed("--token", arguments.tokens, trace->seqLen(), "the trace's tokens"));
    const TraceReading reading = readingOf(trace);
    std::vector<KnownRow> rows;
    for (const std::uint32_t token : tokens) {
        for (const auto& [layer, head] : heads) {
            if (context.stop.stop_requested())
                return Error{ErrorCode::Cancelled, "stopped while reading rows", arguments.trace};
            HEADWATER_TRY_ASSIGN(KnownRow row,
                                 knownRow(reading, {layer, head}, token, arguments.top, context.stop));
            rows.push_back(std::move(row));
        }
    }
    if (!arguments.output.empty()) {
        const DirectOutput direct(arguments.output, context);
        HEADWATER_TRY(writeRows(*trace, rows, arguments.output));
    }
    if (arguments.json && rows.size() == 1) {
        printJson(rowJson(*trace, rows.front()));
    } else if (arguments.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const KnownRow& row : rows)
            list.push_back(rowJson(*trace, row));
        printJson(list);
    } else if (!arguments.output.empty()) {
        printName(arguments.output);
    } else {
        for (const KnownRow& row : rows)
            printRow(*trace, row);
    }
    return 0;
}

} // namespace

void addRowVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<RowArguments>();
    CLI::App* const verb =
        app.add_subcommand("row", "what a token reads, head by head, and what is not known of it");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("--token", arguments->tokens, "the query tokens: A,B,… or last:N")->required();
    verb->add_option("--layer", arguments->layers, "the layer, a list as 0,3,7-9, or all")->required();
    verb->add_option("--head", arguments->heads, "the head, a list as 0,3,7-9, or all")->required();
    verb->add_option("--top", arguments->top,
                     "the heaviest keys, or blocks, alone [all that the trace holds]")
        ->check(CLI::PositiveNumber);
    verb->add_option("-o,--output", arguments->output,
                     "the rows for other programs: *.npy (every key, NaN where unknown) or *.npz")
        ->transform(fileName());
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showRows(*arguments, context); };
    });
}

} // namespace headwater
