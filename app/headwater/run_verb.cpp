// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/job_estimate.h"
#include "app/headwater/option_arguments.h"
#include "app/headwater/verb.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/analysis_run.h"
#include "core/engine/begun_run.h"
#include "core/options/option_table.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct RunArguments {
    RunOptions options = defaultsOf(RunVerb);
    std::vector<std::string> given; ///< the options that were, as the protocol spells them
    bool json = false;
    bool estimates = false;
};

/// The trace's name when none was given: beside nothing of the user's, in the working directory.
std::string defaultOutput(const std::string& file)
{
    // The name of a pipe or of standard input ("/dev/fd/63") says nothing of what comes through it.
    std::error_code failed;
    if (file.empty() || file == "-" || file.starts_with("/dev/fd/") || file.starts_with("/dev/std")
        || file.starts_with("/proc/") || !std::filesystem::is_regular_file(file, failed))
        return "prompt.hwt";
    return std::filesystem::path(file).stem().string() + ".hwt";
}

/// --resume needs no model and no prompt: the trace knows them.
void letResumeStandAlone(CLI::App& verb)
{
    CLI::App* const prompt = verb.get_option_group("prompt");
    CLI::Option* const model = verb.get_option("--model");
    verb.get_option("--resume")->each([prompt, model](const std::string&) {
        model->required(false);
        prompt->require_option(0, 1);
    });
}

/// What of the table is on the command line, as the protocol spells it.
std::vector<std::string> givenOptions(const CLI::App& verb)
{
    std::vector<std::string> names;
    for (const OptionRow& row : optionRows()) {
        const auto* const choice = std::get_if<Choice>(&row.kind);
        const auto isGiven = [&](std::string_view name) {
            const CLI::Option* const option = verb.get_option_no_throw("--" + std::string(name));
            return option != nullptr && option->count() > 0;
        };
        const bool isFlag = choice != nullptr && choice->isFlags
            && std::ranges::any_of(choice->all, [&](const OptionChoice& one) { return isGiven(one.name); });
        if (row.isOf(RunVerb) && (isFlag || isGiven(row.name)))
            names.push_back(row.parameter);
    }
    return names;
}

Result<int> run(RunArguments& arguments, const VerbContext& context)
{
    RunOptions& options = arguments.options;
    if (!options.resume || !options.prompt.empty() || !options.promptFile.empty() || !options.turns.empty())
        HEADWATER_TRY(readPrompt(options, context));
    HEADWATER_TRY(checkRunOptions(options));
    if (options.output.empty())
        options.output = defaultOutput(options.promptFile);
    options.command = context.commandLine;
    if (options.resume) {
        const Interrupt::AtOnce atOnce(context.interrupt);
        HEADWATER_TRY_ASSIGN(options, optionsToGoOn(options, arguments.given));
        HEADWATER_TRY_ASSIGN(options.model, modelOf(options));
    }
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(options.model, context));
    if (arguments.estimates) {
        const Interrupt::AtOnce atOnce(context.interrupt);
        return printEstimate(runEstimate(options, loaded, availableMemory(), context.stop), arguments.json);
    }
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
    addOptions(*verb, RunVerb, arguments->options);
    letResumeStandAlone(*verb);
    addEstimateFlag(*verb, arguments->estimates);
    verb->add_flag("--json", arguments->json, "print the report as JSON");
    verb->callback([arguments, verb, &action] {
        arguments->given = givenOptions(*verb);
        action = [arguments](const VerbContext& context) { return run(*arguments, context); };
    });
}

} // namespace headwater
