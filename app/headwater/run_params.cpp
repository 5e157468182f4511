// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/run_params.h"

#include "core/base/mapped_file.h"
#include "core/engine/begun_run.h"
#include "core/engine/conversation.h"
#include "core/engine/own_prompt.h"
#include "core/engine/prompt_text.h"
#include "core/engine/resolve_options.h"
#include "core/options/option_command.h"
#include "core/options/option_json.h"
#include "core/options/option_table.h"

#include <nlohmann/json.hpp>

namespace headwater {
namespace {

Error badParameter(const char* name, std::string message)
{
    return {ErrorCode::InvalidArgument, std::move(message), name};
}

/// "--block-q", which the checks of core/engine name, as the protocol spells it: "block_q".
std::string parameterNamed(const std::string& option, OptionVerb verb)
{
    const std::string_view name = std::string_view(option).substr(std::min(option.size(), std::size_t{2}));
    const OptionRow* const row = findOption(name, verb);
    return row != nullptr ? row->parameter : option;
}

/// The bytes of the prompt's file as text.
Result<void> readPromptFile(RunOptions& options)
{
    if (options.promptFile == "-") // standard input is the protocol's own
        return badParameter("prompt_file", "found \"-\", expected the path of a file");
    Result<std::string> read = readFile(options.promptFile, kLargestPrompt);
    if (!read && read.error().code == ErrorCode::InvalidArgument)
        return badParameter("prompt_file", read.error().message);
    if (!read)
        return read.error();
    HEADWATER_TRY_ASSIGN(PromptText decoded,
                         promptText(std::move(*read), options.encoding, options.promptFile));
    options.prompt = std::move(decoded.text);
    options.promptNotes = std::move(decoded.notes);
    return {};
}

/// A run that goes on: what was not said is as its trace says.
Result<RunOptions> optionsOfResumed(RunOptions given, const nlohmann::json& params)
{
    if (given.output.empty())
        return badParameter("output", "is missing; expected the trace to go on with");
    if (!given.promptFile.empty())
        HEADWATER_TRY(readPromptFile(given));
    HEADWATER_TRY(readTurns(given));
    std::vector<std::string> names;
    for (const auto& [name, value] : params.items())
        names.push_back(name);
    Result<RunOptions> options = optionsToGoOn(given, names);
    if (!options && options.error().context.starts_with("--"))
        return Error{options.error().code, options.error().message,
                     parameterNamed(options.error().context, RunVerb)};
    return options;
}

} // namespace

Result<RunOptions> runOptionsFromJson(OptionVerb verb, const nlohmann::json& params)
{
    HEADWATER_TRY_ASSIGN(RunOptions options, optionsOfJson(verb, params));
    if (options.resume)
        return optionsOfResumed(std::move(options), params);
    if (options.model.empty())
        return badParameter("model", "is missing; expected a path, a fetched name or builtin:needle");
    const bool isFile = !options.promptFile.empty();
    if (isFile && params.contains("text"))
        return badParameter("prompt_file", "stands beside text; expected one of the two");
    if (!isFile && options.encoding != "auto")
        return badParameter("encoding", "is that of a prompt_file, and there is none");
    if (isFile) {
        HEADWATER_TRY(readPromptFile(options));
    } else if (!params.contains("text") && options.turns.empty()) {
        HEADWATER_TRY_ASSIGN(options.prompt, ownPromptOf(options.model));
    }
    options.command = commandLineOf(verb, options);
    HEADWATER_TRY(readTurns(options));
    if (const Result<void> checked = checkRunOptions(options); !checked)
        return Error{checked.error().code, checked.error().message,
                     parameterNamed(checked.error().context, verb)};
    if (options.prompt.empty() && options.turns.empty())
        return badParameter("text", "the prompt is empty; expected at least one byte");
    return options;
}

} // namespace headwater
