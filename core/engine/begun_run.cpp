// SPDX-License-Identifier: Apache-2.0
#include "core/engine/begun_run.h"

#include "core/engine/find_model.h"
#include "core/engine/resolve_options.h"
#include "core/options/option_json.h"
#include "core/options/option_table.h"
#include "core/trace/meta_text.h"
#include "core/trace/trace_command.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

constexpr const char* kMetaOptions = "options";

/// What changes no byte of a trace's data, or is looked at elsewhere.
constexpr std::array<std::string_view, 10> kFree = {"model",    "prompt_file", "text",    "turns",
                                                    "encoding", "output",      "threads", "keep_session",
                                                    "force",    "resume"};

/// What the trace's run was asked.
Result<RunOptions> optionsOf(const Trace& trace)
{
    const auto stored = trace.meta().find(kMetaOptions);
    if (stored == trace.meta().end())
        return Error{
            ErrorCode::Unsupported,
            "does not say what its run was asked: an earlier version of the program began it; run it "
            "again",
            trace.path().string()};
    Result<RunOptions> options = optionsOfJson(RunVerb, *stored);
    if (options)
        if (const auto checked = checkRunOptions(*options); !checked)
            options = checked.error();
    if (!options)
        return Error{ErrorCode::BadFormat, options.error().text(),
                     fmt::format("{}: meta key '{}'", trace.path().string(), kMetaOptions)};
    options->command = commandOf(trace.meta());
    if (const auto notes = trace.meta().find("notes"); notes != trace.meta().end() && notes->is_array())
        for (const nlohmann::json& note : *notes)
            if (note.is_string())
                options->promptNotes.push_back(note.get<std::string>());
    return options;
}

Result<void> checkAgrees(RunOptions given, std::span<const std::string> names, const Trace& trace,
                         const RunOptions& begun)
{
    HEADWATER_TRY_ASSIGN(given.select, resolveSelect(given.select, promptTokensOf(trace)));
    for (const std::string& name : names) {
        const OptionRow* const row = findParameter(name, RunVerb);
        if (row == nullptr || std::ranges::find(kFree, name) != kFree.end())
            continue;
        const OptionValue found = row->get(given);
        const OptionValue expected = row->get(begun);
        if (found == expected || found == OptionValue(std::string("auto"))) // the trace says what it came to
            continue;
        const auto words = [row](const OptionValue& value) {
            return value == OptionValue() ? std::string("not given") : textOf(*row, value);
        };
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{}, but {} in the trace that is gone on with; leave it out", words(found),
                                 words(expected)),
                     fmt::format("--{}", row->name)};
    }
    return {};
}

} // namespace

nlohmann::json begunOptions(const RunOptions& options, const EncodedPrompt& prompt, const RunReport& report,
                            std::uint32_t generate, bool predictions)
{
    RunOptions asked;
    asked.system = options.system;
    asked.thinking = options.thinking;
    asked.day = prompt.day.empty() ? options.day : prompt.day; // tomorrow is another
    asked.sampling = options.sampling;
    asked.stops = options.stops;
    asked.chat = prompt.chatFamily;
    asked.textTokens = prompt.textTokens;
    asked.select = report.select;
    asked.predictions = predictions ? PredictionChoice::On : PredictionChoice::Off;
    asked.generate = generate;
    asked.check = options.check;
    asked.expect = options.expect;
    return jsonOf(RunVerb, asked);
}

Result<RunOptions> optionsToGoOn(const RunOptions& given, std::span<const std::string> names)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(given.output));
    if (trace->isSealed())
        return Error{ErrorCode::InvalidArgument, "is finished: there is nothing to go on with",
                     given.output.string()};
    HEADWATER_TRY_ASSIGN(RunOptions options, optionsOf(*trace));
    HEADWATER_TRY(checkAgrees(given, names, *trace, options));
    options.resume = true;
    options.output = given.output;
    options.prompt = given.prompt;
    options.turns = given.turns;
    options.threads = given.threads;
    options.chunkRows = given.chunkRows;
    options.keepSession = given.keepSession;
    options.force = given.force;
    options.model = given.model;
    return options;
}

Result<std::string> modelOf(const RunOptions& options)
{
    if (!options.resume || !options.model.empty())
        return options.model;
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(options.output));
    return findModelOf(*trace);
}

EncodedPrompt promptOf(const BegunTrace& begun)
{
    const Trace& trace = begun.trace();
    const std::size_t tokens = begun.promptTokens();
    EncodedPrompt prompt;
    const auto offsets = trace.tokenOffsets().first(tokens + 1);
    const auto ids = trace.tokenIds().first(tokens);
    prompt.text = trace.text().substr(0, offsets.back());
    prompt.chatFamily = metaText(trace.meta(), "/prompt/chat");
    prompt.textTokens =
        textTokensOf(trace.meta()) == nameOf(TextTokens::Plain) ? TextTokens::Plain : TextTokens::Control;
    prompt.tokens.ids.assign(ids.begin(), ids.end());
    prompt.tokens.offsets.assign(offsets.begin(), offsets.end());
    return prompt;
}

Result<void> checkSamePrompt(const EncodedPrompt& given, const EncodedPrompt& begun)
{
    const std::vector<std::int32_t>& found = given.tokens.ids;
    const std::vector<std::int32_t>& expected = begun.tokens.ids;
    const auto [one, other] = std::ranges::mismatch(found, expected);
    if (one == found.end() && other == expected.end())
        return {};
    const auto at = one - found.begin();
    const auto id = [](auto where, const auto& ids) {
        return where == ids.end() ? std::string("missing") : std::to_string(*where);
    };
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("is another prompt than the trace's: token {} is {}, expected {}; leave it out, "
                             "or give another -o",
                             at, id(one, found), id(other, expected)),
                 "prompt"};
}

} // namespace headwater
