// SPDX-License-Identifier: Apache-2.0
// What verbs take in: the prompt, the model, the threads, the memory; and where a signal ends them at once.
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/engine/prompt_text.h"
#include "core/engine/run_options.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

void addTextTokensOption(CLI::App& verb, TextTokens& tokens)
{
    verb.add_option_function<std::string>(
            "--text-tokens",
            [&tokens](const std::string& name) {
                if (const Result<TextTokens> named = textTokensNamed(name))
                    tokens = *named;
            },
            "control tokens spelt in the prompt: plain text, control tokens, or auto: plain inside chat "
            "turns, "
            "control in raw prompts")
        ->check(CLI::IsMember({"auto", "plain", "control"}))
        ->default_str("auto");
}

void addThreadsOption(CLI::App& verb, std::uint32_t& threads)
{
    verb.add_option("--threads", threads, "threads, 0 for all available processors")
        ->check(CLI::Range(std::size_t{0}, kMostThreads))
        ->capture_default_str();
}

void addForceOption(CLI::App& verb, bool& force)
{
    verb.add_flag("--force", force, "run although the estimate says that memory will not do");
}

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

Result<EncodedPrompt> encodeForVerb(const LoadedModel& loaded, std::string_view text, std::string_view chat,
                                    TextTokens textTokens, const VerbContext& context)
{
    const Interrupt::AtOnce atOnce(context.interrupt);
    return encodePrompt(loaded, text, chat, textTokens);
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

void PromptArguments::addTo(CLI::App& verb, CLI::App* group)
{
    if (group == nullptr) {
        group = verb.add_option_group("prompt", "The prompt: exactly one of these");
        group->require_option(1);
    }
    group
        ->add_option("--prompt", file,
                     "read the prompt from FILE, a pipe too, or from standard input for '-'")
        ->type_name("FILE|-")
        ->transform(fileName());
    group->add_option("--text", text, "the prompt itself")->type_name("STR");
    verb.add_option(
            "--encoding", encoding,
            "the prompt's encoding, which is converted: utf-8, utf-16le, windows-1252, …; auto takes UTF-8 "
            "and says what else it finds, bytes takes everything as it is")
        ->capture_default_str();
}

Result<PromptText> PromptArguments::read(const VerbContext& context) const
{
    const Interrupt::AtOnce atOnce(context.interrupt);
    std::string prompt = text;
    if (!file.empty()) {
        HEADWATER_TRY_ASSIGN(prompt, readInput(file, kLargestPrompt));
    }
    const std::string where = file.empty() ? "--text" : file == "-" ? "standard input" : file;
    if (prompt.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty; expected at least one byte", where};
    HEADWATER_TRY_ASSIGN(PromptText decoded, promptText(std::move(prompt), encoding, where));
    if (decoded.text.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty but for a byte-order mark", where};
    return decoded;
}

Result<std::string> PromptArguments::readAndNote(const VerbContext& context) const
{
    HEADWATER_TRY_ASSIGN(PromptText prompt, read(context));
    printNotes(prompt.notes);
    return std::move(prompt.text);
}

} // namespace headwater
