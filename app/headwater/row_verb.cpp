// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/head_list.h"
#include "app/headwater/row_output.h"
#include "app/headwater/session_rows.h"
#include "app/headwater/token_list.h"
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/reading/known_row.h"

#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {
namespace {

struct RowArguments {
    std::string trace;
    std::string tokens;
    std::string layers;
    std::string heads;
    std::optional<std::uint64_t> top;
    std::string output;
    SessionArguments session;
    bool json = false;

    /// How many keys or blocks of a row are listed.
    std::uint64_t listed() const
    {
        constexpr std::uint64_t kListedOfWholeRow = 32; // what traces record of a row
        const bool isShort = session.isAsked() && !output.ends_with(".npz");
        return top.value_or(isShort ? kListedOfWholeRow : std::numeric_limits<std::uint64_t>::max());
    }
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
    return {
        {"token", row.token},
        {"layer", row.head.layer},
        {"head", row.head.head},
        {"exact", row.exact},
        {"quantity", row.quantity},
        {"lse", knownNumber(row.lse)},
        {"keys", row.ofKeys ? nlohmann::json(row.keys) : nlohmann::json()},
        {"p", row.ofKeys ? std::move(probabilities) : nlohmann::json()},
        {"blocks", row.ofKeys ? nlohmann::json() : blocksJson(row, {info.rows, info.blockQ, info.blockK})},
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
    const char* const how = row.exact ? ", exact" : row.ofKeys ? ", from rounded keys" : "";
    std::printf("row %u \"%s\" of layer %d, head %d: %s%s\n", row.token,
                printable(trace.tokenText(row.token)).c_str(), row.head.layer, row.head.head, row.quantity,
                how);
    const int digits = row.exact ? 4 : 2; // rounded keys: no more than two are true
    for (std::size_t i = 0; i < row.keys.size(); ++i)
        std::printf("  %-10.*g  key %u \"%s\"\n", digits, static_cast<double>(row.probability[i]),
                    row.keys[i], printable(trace.tokenText(row.keys[i])).c_str());
    for (const BlockEntry& block : row.blocks)
        std::printf("  %-10.4g  key block %u, largest %.4g at query %u, key %u \"%s\"\n",
                    static_cast<double>(block.mass), block.keyBlock, static_cast<double>(block.peak),
                    block.peakQuery, block.peakKey, printable(trace.tokenText(block.peakKey)).c_str());
    if (row.ofKeys && !row.exact)
        std::printf("  every other key together: %.*g\n", digits, static_cast<double>(row.rest));
    else if (row.ofKeys)
        std::printf("  every other key: at most %s; together %s\n",
                    boundText(static_cast<double>(row.bound)).c_str(), numberText(row.rest).c_str());
    else
        std::printf(
            "  only blocks are known, as means over the row's block; a key in none of them: at most %s; "
            "together %s\n",
            boundText(static_cast<double>(row.bound)).c_str(), numberText(row.rest).c_str());
}

/// Rows of the trace alone, by token, then by head.
Result<void> traceRows(const TraceReading& reading, std::span<const HeadId> heads,
                       std::span<const std::uint32_t> tokens, std::size_t most, const RowSink& sink,
                       const std::stop_token& stop)
{
    for (const std::uint32_t token : tokens) {
        for (const HeadId head : heads) {
            if (stop.stop_requested())
                return Error{ErrorCode::Cancelled, "stopped while reading rows",
                             reading.trace->path().string()};
            HEADWATER_TRY_ASSIGN(const KnownRow row, knownRow(reading, head, token, most, stop));
            HEADWATER_TRY(sink(row, {}));
        }
    }
    return {};
}

void printAnswer(const RowArguments& arguments, const Trace& trace, std::span<const KnownRow> rows)
{
    if (arguments.json && rows.size() == 1) {
        printJson(rowJson(trace, rows.front()));
    } else if (arguments.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const KnownRow& row : rows)
            list.push_back(rowJson(trace, row));
        printJson(list);
    } else if (!arguments.output.empty()) {
        printName(arguments.output);
    } else {
        for (const KnownRow& row : rows)
            printRow(trace, row);
    }
}

Result<int> showRows(const RowArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(const auto heads, headsNamed(*trace, arguments.layers, arguments.heads));
    HEADWATER_TRY_ASSIGN(const auto tokens,
                         tokensNamed("--token", arguments.tokens, trace->seqLen(), "the trace's tokens"));
    std::optional<LoadedModel> loaded;
    if (arguments.session.isAsked()) { // before the output is made: a signal ends the loading at once
        HEADWATER_TRY_ASSIGN(loaded, loadForSession(arguments.session, *trace, context));
    }
    const DirectOutput direct(arguments.output, context);
    std::optional<RowOutput> output;
    if (!arguments.output.empty()) {
        HEADWATER_TRY_ASSIGN(output,
                             RowOutput::create(trace, arguments.output, heads.size() * tokens.size()));
    }
    std::vector<KnownRow> rows;
    const bool isPrinted = arguments.json || !output;
    const RowSink sink = [&](const KnownRow& row, std::span<const float> whole) -> Result<void> {
        if (isPrinted)
            rows.push_back(row);
        return output ? output->add(row, whole) : Result<void>();
    };
    if (loaded) {
        const ProgressSink progress = terminalProgress();
        HEADWATER_TRY_ASSIGN(const VerbSession session,
                             openSessionFor(arguments.session, *loaded, trace, progress, context));
        HEADWATER_TRY(
            sessionRows(*session.warm, heads, tokens, arguments.listed(), sink, progress, context.stop));
        endTerminalProgress();
    } else {
        HEADWATER_TRY(traceRows(readingOf(trace), heads, tokens, arguments.listed(), sink, context.stop));
    }
    if (output)
        HEADWATER_TRY(output->finish());
    printAnswer(arguments, *trace, rows);
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
    verb->add_option(
            "--top", arguments->top,
            "the heaviest keys, or blocks, alone [all that the trace holds; of whole rows 32, or all "
            "in a *.npz]")
        ->check(CLI::PositiveNumber);
    verb->add_option("-o,--output", arguments->output,
                     "the rows for other programs: *.npy (every key, NaN where unknown) or *.npz")
        ->transform(fileName());
    arguments->session.addTo(*verb);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showRows(*arguments, context); };
    });
}

} // namespace headwater
