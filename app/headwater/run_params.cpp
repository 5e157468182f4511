// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/run_params.h"

#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/engine/own_prompt.h"
#include "core/engine/prompt_text.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

using Setter = std::function<Result<void>(const nlohmann::json&)>;

Error wrongType(const char* expected, const nlohmann::json& found)
{
    return {ErrorCode::InvalidArgument, std::string("found ") + found.type_name() + ", expected " + expected,
            ""};
}

Setter intoText(std::string& target)
{
    return [&target](const nlohmann::json& value) -> Result<void> {
        if (!value.is_string())
            return wrongType("a string", value);
        target = value.get<std::string>();
        return {};
    };
}

Setter intoCount(std::uint32_t& target)
{
    return [&target](const nlohmann::json& value) -> Result<void> {
        if (!value.is_number_unsigned()
            || value.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max())
            return wrongType("a whole number from 0 to 4294967295", value);
        target = value.get<std::uint32_t>();
        return {};
    };
}

Setter intoFlag(bool& target)
{
    return [&target](const nlohmann::json& value) -> Result<void> {
        if (!value.is_boolean())
            return wrongType("true or false", value);
        target = value.get<bool>();
        return {};
    };
}

template <class Value> Setter intoNamed(Value& target, Result<Value> (*find)(const std::string&))
{
    return [&target, find](const nlohmann::json& value) -> Result<void> {
        if (!value.is_string())
            return wrongType("a string", value);
        HEADWATER_TRY_ASSIGN(target, find(value.get<std::string>()));
        return {};
    };
}

/// "--block-q", which the checks of core/engine name, as the RPC spells it: "block_q".
std::string parameterNamed(std::string option)
{
    option.erase(0, option.find_first_not_of('-'));
    std::ranges::replace(option, '-', '_');
    return option;
}

/// `name` as the shell takes it: a path, or a path's text.
Result<std::string> readPrompt(const std::string& name, std::string& path)
{
    if (name == "-") // standard input is the protocol's own
        return Error{ErrorCode::InvalidArgument, "found \"-\", expected the path of a file", "prompt_file"};
    const Result<std::filesystem::path> named = pathOfText(name);
    if (!named)
        return Error{ErrorCode::InvalidArgument, named.error().text(), "prompt_file"};
    path = named->string();
    Result<std::string> read = readFile(*named, kLargestPrompt);
    if (!read && read.error().code == ErrorCode::InvalidArgument)
        return Error{ErrorCode::InvalidArgument, read.error().message, "prompt_file"};
    return read;
}

/// What the prompt's bytes are, by `options.encoding`. `where`: what it came from.
Result<void> decodePrompt(RunOptions& options, const std::string& where)
{
    Result<PromptText> decoded = promptText(std::move(options.prompt), options.encoding, where);
    if (!decoded)
        return decoded.error();
    options.prompt = std::move(decoded->text);
    options.promptNotes = std::move(decoded->notes);
    return {};
}

} // namespace

Result<RunOptions> runOptionsFromJson(const nlohmann::json& params)
{
    if (!params.is_object())
        return Error{ErrorCode::InvalidArgument, "expected an object", "params"};
    RunOptions options;
    std::string promptFile;
    std::string output;
    SelectParams& select = options.select;
    const std::map<std::string, Setter> setters = {
        {"model", intoText(options.model)},
        {"text", intoText(options.prompt)},
        {"prompt_file", intoText(promptFile)},
        {"output", intoText(output)},
        {"chat", intoText(options.chat)},
        {"encoding", intoText(options.encoding)},
        {"text_tokens", intoNamed(options.textTokens, textTokensNamed)},
        {"select", intoNamed(select.selection, selectionNamed)},
        {"propagation", intoNamed(select.propagation, propagationNamed)},
        {"probe", intoNamed(select.probe, probeNamed)},
        {"keep_keys", intoCount(select.keepKeys)},
        {"block_q", intoCount(select.blockQ)},
        {"block_k", intoCount(select.blockK)},
        {"tree_levels", intoCount(select.treeLevels)},
        {"beam", intoCount(select.beam)},
        {"open", intoCount(select.open)},
        {"generate", intoCount(options.generate)},
        {"threads", intoCount(options.threads)},
        {"predictions", intoNamed(options.predictions, predictionChoiceNamed)},
        {"check", intoFlag(options.check)},
        {"keep_session", intoFlag(options.keepSession)},
        {"force", intoFlag(options.force)},
        {"expect",
         [&](const nlohmann::json& value) -> Result<void> {
             options.expect.emplace();
             return intoText(*options.expect)(value);
         }},
        {"keep_peak",
         [&](const nlohmann::json& value) -> Result<void> {
             if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1)
                 return wrongType("a probability from 0 to 1", value);
             select.keepPeak = value.get<float>();
             return {};
         }},
        {"seed",
         [&](const nlohmann::json& value) -> Result<void> {
             if (!value.is_number_unsigned())
                 return wrongType("a whole number", value);
             select.seed = value.get<std::uint64_t>();
             return {};
         }},
    };
    for (const auto& [name, value] : params.items()) {
        const auto found = setters.find(name);
        if (found == setters.end())
            return Error{ErrorCode::InvalidArgument, "no such parameter", name};
        if (const Result<void> set = found->second(value); !set)
            return Error{set.error().code, set.error().message, name};
    }
    if (options.model.empty())
        return Error{ErrorCode::InvalidArgument,
                     "is missing; expected a path, a fetched name or builtin:needle", "model"};
    if (!promptFile.empty() && params.contains("text"))
        return Error{ErrorCode::InvalidArgument, "stands beside text; expected one of the two",
                     "prompt_file"};
    if (promptFile.empty() && options.encoding != "auto")
        return Error{ErrorCode::InvalidArgument, "is that of a prompt_file, and there is none", "encoding"};
    if (!promptFile.empty()) {
        std::string path;
        HEADWATER_TRY_ASSIGN(options.prompt, readPrompt(promptFile, path));
        promptFile = std::move(path);
        HEADWATER_TRY(decodePrompt(options, promptFile));
    } else if (!params.contains("text")) {
        HEADWATER_TRY_ASSIGN(options.prompt, ownPromptOf(options.model));
    }
    if (const Result<void> checked = checkRunOptions(options); !checked)
        return Error{checked.error().code, checked.error().message, parameterNamed(checked.error().context)};
    if (options.prompt.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty; expected at least one byte", "text"};
    const Result<std::filesystem::path> outputPath = pathOfText(output);
    if (!outputPath)
        return Error{ErrorCode::InvalidArgument, outputPath.error().text(), "output"};
    options.output = *outputPath;
    options.command = commandLineOf(options, promptFile);
    return options;
}

} // namespace headwater
