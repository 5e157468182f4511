// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/select_arguments.h"
#include "app/headwater/verb.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/analysis_run.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct RunArguments {
    PromptArguments prompt;
    SelectArguments select;
    RunOptions options;
    std::string output;
    bool json = false;
};

/// The trace's name when none was given: beside nothing of the user's, in the working directory.
std::string defaultOutput(const RunArguments& arguments)
{
    const std::string& file = arguments.prompt.file;
    // The name of a pipe or of standard input ("/dev/fd/63") says nothing of what comes through it.
    std::error_code failed;
    if (file.empty() || file == "-" || file.starts_with("/dev/fd/") || file.starts_with("/dev/std")
        || file.starts_with("/proc/") || !std::filesystem::is_regular_file(file, failed))
        return "prompt.hwt";
    return std::filesystem::path(file).stem().string() + ".hwt";
}

void addPredictionsOption(CLI::App& verb, PredictionChoice& choice)
{
    verb.add_option_function<std::string>(
            "--predictions",
            [&choice](const std::string& name) {
                if (const Result<PredictionChoice> named = predictionChoiceNamed(name))
                    choice = *named;
            },
            "keep what every row gives to the next token: on, off, or auto: where that costs at most a fifth "
            "of the prefill, or about a second")
        ->check(CLI::IsMember({"auto", "on", "off"}))
        ->default_str("auto");
}

Result<int> run(RunArguments& arguments, const VerbContext& context)
{
    RunOptions& options = arguments.options;
    HEADWATER_TRY_ASSIGN(PromptText prompt, arguments.prompt.read(context));
    options.prompt = std::move(prompt.text);
    options.promptNotes = std::move(prompt.notes);
    HEADWATER_TRY_ASSIGN(options.select, arguments.select.params());
    HEADWATER_TRY(checkRunOptions(options));
    options.output = arguments.output.empty() ? defaultOutput(arguments) : arguments.output;
    options.command = context.commandLine;
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(options.model, context));
    HEADWATER_TRY_ASSIGN(const std::unique_ptr<Backend> backend, openBackend({.threads = options.threads}));
    RunListener listener;
    listener.progress = terminalProgress();
    HEADWATER_TRY_ASSIGN(RunReport report, runAnalysis(*backend, loaded, options, listener, context.stop));
    endTerminalProgress();
    if (arguments.json)
        printJson(toJson(report));
    else
        std::fputs(toText(report).c_str(), stdout);
    return 0;
}

} // namespace

void addRunVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<RunArguments>();
    CLI::App* const verb =
        app.add_subcommand("run", "forward a prompt and record what every head reads in a trace (*.hwt)");
    verb->add_option("--model", arguments->options.model, "a GGUF file, a model folder, a fetched name, or builtin:needle")
        ->transform(fileName())
        ->required();
    arguments->prompt.addTo(*verb);
    verb->add_option("--chat", arguments->options.chat, "chat format: auto, off or a family (chatml, gemma, llama3, deepseek-r1, mistral)")
        ->capture_default_str();
    addTextTokensOption(*verb, arguments->options.textTokens);
    verb->add_option("-o,--output", arguments->output, "the trace to write [the prompt's name with .hwt]")
        ->type_name("OUT.hwt")
        ->transform(fileName());
    arguments->select.addTo(*verb);
    addPredictionsOption(*verb, arguments->options.predictions);
    verb->add_flag("--check", arguments->options.check,
                   "behaviour check: a dense and a masked forward, compared");
    verb->add_option("--expect", arguments->options.expect,
                     "with --check: the answer both should begin with, white space aside")
        ->type_name("STR");
    verb->add_option("--generate", arguments->options.generate, "greedy tokens after the prompt, 0 for none")
        ->capture_default_str();
    addThreadsOption(*verb, arguments->options.threads);
    addForceOption(*verb, arguments->options.force);
    verb->add_flag("--json", arguments->json, "print the report as JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return run(*arguments, context); };
    });
}

} // namespace headwater
