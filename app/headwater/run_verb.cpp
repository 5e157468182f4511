// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"
#include "app/headwater/verb.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/analysis_run.h"
#include "core/options/option_table.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct RunArguments {
    RunOptions options = defaultsOf(RunVerb);
    bool json = false;
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

Result<int> run(RunArguments& arguments, const VerbContext& context)
{
    RunOptions& options = arguments.options;
    HEADWATER_TRY(readPrompt(options, context));
    HEADWATER_TRY(checkRunOptions(options));
    if (options.output.empty())
        options.output = defaultOutput(options.promptFile);
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
    addOptions(*verb, RunVerb, arguments->options);
    verb->add_flag("--json", arguments->json, "print the report as JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return run(*arguments, context); };
    });
}

} // namespace headwater
