// SPDX-License-Identifier: Apache-2.0
// What verbs take in: the prompt, the model, the threads, the memory; and where a signal ends them at once.
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/engine/conversation.h"
#include "core/engine/prompt_text.h"

#include <algorithm>
#include <iterator>

namespace headwater {

DirectOutput::DirectOutput(const std::filesystem::path& output, const VerbContext& context)
{
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(output, failed);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)
        && !std::filesystem::is_directory(status))
        m_atOnce.emplace(context.interrupt);
}

Result<LoadedModel> loadForVerb(const std::string& name, const VerbContext& context)
{
    const Interrupt::AtOnce atOnce(context.interrupt);
    return loadModelAndTokenizer(name);
}

Result<EncodedPrompt> encodeForVerb(const LoadedModel& loaded, const RunOptions& options,
                                    const VerbContext& context)
{
    const Interrupt::AtOnce atOnce(context.interrupt);
    return encodePrompt(loaded, options);
}

const CLI::Validator& fileName()
{
    static const CLI::Validator validator(
        [](std::string& name) -> std::string {
            const Result<std::filesystem::path> path = pathOfArgument(name);
            if (!path)
                return path.error().text();
            name = path->string();
            return {};
        },
        "");
    return validator;
}

namespace {

/// --system names a file where there is one of that name, and says so.
Result<void> readSystem(RunOptions& options)
{
    std::error_code failed;
    if (options.system.empty() || !std::filesystem::is_regular_file(options.system, failed))
        return {};
    options.promptNotes.push_back("the system's turn is what the file " + options.system + " holds");
    HEADWATER_TRY_ASSIGN(options.system, readFile(options.system, kLargestPrompt));
    return {};
}

} // namespace

Result<void> readPrompt(RunOptions& options, const VerbContext& context)
{
    const Interrupt::AtOnce atOnce(context.interrupt);
    HEADWATER_TRY(readSystem(options));
    if (!options.turns.empty()) {
        HEADWATER_TRY(readTurns(options));
        const Result<Conversation> said = conversationOf(options);
        return said ? Result<void>() : Result<void>(said.error());
    }
    const std::string& file = options.promptFile;
    if (!file.empty()) {
        HEADWATER_TRY_ASSIGN(options.prompt, readInput(file, kLargestPrompt));
    }
    const std::string where = file.empty() ? "--text" : file == "-" ? "standard input" : file;
    if (options.prompt.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty; expected at least one byte", where};
    HEADWATER_TRY_ASSIGN(PromptText decoded, promptText(std::move(options.prompt), options.encoding, where));
    if (decoded.text.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty but for a byte-order mark", where};
    options.prompt = std::move(decoded.text);
    std::ranges::move(decoded.notes, std::back_inserter(options.promptNotes));
    return {};
}

Result<void> readPromptAndNote(RunOptions& options, const VerbContext& context)
{
    HEADWATER_TRY(readPrompt(options, context));
    printNotes(options.promptNotes);
    return {};
}

} // namespace headwater
