// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/job_estimate.h"
#include "app/headwater/option_arguments.h"
#include "app/headwater/verb.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/answer_prompt.h"
#include "core/options/option_table.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace headwater {
namespace {

struct GenerateArguments {
    RunOptions options = defaultsOf(GenerateVerb);
    bool json = false;
    bool estimates = false;
};

/// As a terminal may have it: lines, and nothing that steers it.
std::string onTerminal(std::string_view text)
{
    std::string shown;
    for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
        end = text.find('\n', begin);
        shown += printable(text.substr(begin, end - begin));
        shown += end == std::string_view::npos ? "" : "\n";
    }
    return shown;
}

Result<int> generate(GenerateArguments& arguments, const VerbContext& context)
{
    RunOptions& asked = arguments.options;
    HEADWATER_TRY(arguments.estimates ? readPrompt(asked, context) : readPromptAndNote(asked, context));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(asked.model, context));
    if (arguments.estimates) {
        const Interrupt::AtOnce atOnce(context.interrupt);
        return printEstimate(answerEstimate(asked, loaded, availableMemory()), arguments.json);
    }
    HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded, encodeForVerb(loaded, asked, context));
    HEADWATER_TRY_ASSIGN(const std::unique_ptr<Backend> backend, openBackend({.threads = asked.threads}));
    CachedPass pass(*backend, loaded.model);
    AnswerListener listener;
    listener.notes = printNotes;
    // A terminal must not be steered by what a vocabulary holds; a pipe gets the bytes as they are.
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    if (ProgressSink bar = terminalProgress())
        listener.progress = [bar, json = arguments.json](const Progress& progress) {
            if (json || progress.phase != "generate") // else the answer itself is on screen
                bar(progress);
        };
    if (!arguments.json)
        listener.token = [terminal](const GeneratedToken& token) {
            endTerminalProgress();
            const std::string shown = terminal ? onTerminal(token.text) : std::string(token.text);
            std::fwrite(shown.data(), 1, shown.size(), stdout);
            std::fflush(stdout);
        };
    const Result<PromptAnswer> answer = answerPrompt(
        *backend, loaded, pass, encoded, generationOptionsOf(asked), asked.force, listener, context.stop);
    endTerminalProgress();
    if (!answer)
        return answer.error();
    if (arguments.json)
        printJson(toJson(*answer));
    else
        std::fputc('\n', stdout);
    return 0;
}

} // namespace

void addGenerateVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<GenerateArguments>();
    CLI::App* const verb =
        app.add_subcommand("generate", "continuation of a prompt by the dense model, streamed");
    addOptions(*verb, GenerateVerb, arguments->options);
    addEstimateFlag(*verb, arguments->estimates);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return generate(*arguments, context); };
    });
}

} // namespace headwater
