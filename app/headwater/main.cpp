// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/caught_error.h"
#include "app/headwater/interrupt.h"
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/shell_quote.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace {

constexpr int kUsage = 64;

/// The command line as a POSIX shell would take it again.
std::string quoted(int argc, char** argv)
{
    std::string line = "headwater";
    for (int i = 1; i < argc; ++i)
        line += ' ' + headwater::shellQuoted(argv[i]);
    return line;
}

/// --json as far as an error's form is concerned: the parser may have failed before it came to it.
bool wantsJson(int argc, char** argv)
{
    return std::any_of(argv + 1, argv + argc,
                       [](const char* argument) { return std::string_view(argument) == "--json"; });
}

void printError(const headwater::Error& error)
{
    headwater::printJson({{"error",
                           {{"code", headwater::nameOf(error.code)},
                            {"exit_code", headwater::exitCodeOf(error.code)},
                            {"message", error.message},
                            {"context", headwater::textOfContext(error.context)}}}});
}

int report(const headwater::Error& error, bool json)
{
    headwater::endTerminalProgress();
    std::fprintf(stderr, "error: %s\n", error.text().c_str());
    if (json)
        printError(error);
    return headwater::exitCodeOf(error.code);
}

/// What no option or verb took, as it was typed.
std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// The parser's complaint on one line, with the words that it did not understand: those are what is wrong
/// more often than what it misses.
std::string usageMessage(const CLI::App& app, const CLI::ParseError& failure)
{
    const std::vector<CLI::App*> verbs = app.get_subcommands();
    const std::vector<std::string> extras = (verbs.empty() ? &app : verbs.front())->remaining();
    if (verbs.empty()) {
        std::string known;
        for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
            known += (known.empty() ? "" : ", ") + verb->get_name();
        if (extras.empty())
            return "expected a verb: " + known;
        const bool isOption = extras.front().starts_with('-');
        return (isOption ? "unexpected: " + joined(extras) + "; expected a verb: "
                         : "'" + extras.front() + "' is no verb; expected ")
            + known;
    }
    std::string message = failure.what();
    if (!extras.empty()) {
        const bool isAll = dynamic_cast<const CLI::ExtrasError*>(&failure) != nullptr;
        message = isAll ? "unexpected: " + joined(extras) : message + "; unexpected: " + joined(extras);
        std::error_code ignored;
        const bool hasFile = std::any_of(extras.begin(), extras.end(), [&](const std::string& word) {
            return std::filesystem::exists(word, ignored);
        });
        if (hasFile && verbs.front()->get_option_no_throw("--prompt") != nullptr)
            message += " (a prompt's file is given by --prompt)";
    }
    std::replace(message.begin(), message.end(), '\n', ' ');
    return message + "; see headwater " + verbs.front()->get_name() + " --help";
}

/// What the parser found wrong, as every error; --help and --version come here too.
int reportUsage(const CLI::App& app, const CLI::ParseError& failure, bool json)
{
    if (failure.get_exit_code() == 0)
        return app.exit(failure);
    report({headwater::ErrorCode::InvalidArgument, usageMessage(app, failure), "command line"}, json);
    return kUsage;
}

/// The arguments as the parser takes them, from last to first. An option with an empty value (--text=) would
/// take the next argument for it (CLI11 2.1): the value stands alone instead.
std::vector<std::string> argumentsFromTheLast(int argc, char** argv)
{
    std::vector<std::string> arguments;
    bool areOptions = true;
    for (int i = 1; i < argc; ++i) {
        std::string argument = argv[i];
        areOptions = areOptions && argument != "--";
        const bool isEmpty =
            areOptions && argument.starts_with("--") && argument.find('=') + 1 == argument.size();
        if (isEmpty)
            argument.pop_back();
        arguments.push_back(std::move(argument));
        if (isEmpty)
            arguments.emplace_back();
    }
    std::reverse(arguments.begin(), arguments.end());
    return arguments;
}

/// Whether standard output is a pipe that nobody reads any more (`headwater tokenize … | head`).
bool isReaderGone()
{
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/// `code`, unless what was printed did not reach its reader whole: a full disk must not look like success. A
/// reader that has seen enough needs no sentence.
int afterFlushing(int code)
{
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    if (!isReaderGone())
        std::fprintf(stderr, "error: standard output: could not be written whole\n");
    return code == 0 ? headwater::exitCodeOf(headwater::ErrorCode::Io) : code;
}

int perform(const headwater::VerbAction& action, int argc, char** argv, bool json)
{
    using namespace headwater;
    try {
        Interrupt interrupt([json] {
            report({ErrorCode::Cancelled, "stopped", ""}, json);
            std::fflush(stdout);
        });
        const Result<int> result = action({interrupt, interrupt.token(), quoted(argc, argv)});
        endTerminalProgress();
        return afterFlushing(result ? *result : report(result.error(), json));
    } catch (...) {
        return afterFlushing(report(caughtError(""), json));
    }
}

} // namespace

int main(int argc, char** argv)
{
    using namespace headwater;
    CLI::App app{"Headwater: attention at length. Runs sparse attention on a real model and prompt, records "
                 "which keys "
                 "every query of every head uses, and exports what it found.",
                 "headwater"};
    app.set_version_flag("--version", std::string("headwater ") + HEADWATER_VERSION);
    app.require_subcommand(1);
    app.footer("Exit codes: 0 ok, 1 damage found (verify), 64 usage, 65 bad data, 66 no input, 69 "
               "unavailable, 70 internal,\n"
               "71 out of memory or refused by the estimate, 73 cannot create, 74 I/O, 130 interrupted.");
    VerbAction action;
    addRunVerb(app, action);
    addGenerateVerb(app, action);
    addTokenizeVerb(app, action);
    addLogitsVerb(app, action);
    addInfoVerb(app, action);
    addVerifyVerb(app, action);
    addRowVerb(app, action);
    addCellsVerb(app, action);
    addHeadsVerb(app, action);
    addPlaceVerb(app, action);
    addReadersVerb(app, action);
    addScoresVerb(app, action);
    addFindVerb(app, action);
    addExportVerb(app, action);
    addFigureVerb(app, action);
    addFetchVerb(app, action);
    addModelsVerb(app, action);
    addBenchVerb(app, action);
    addServeVerb(app, action);
    addGuiVerb(app, action);
    const bool json = wantsJson(argc, argv);
    try {
        std::vector<std::string> arguments = argumentsFromTheLast(argc, argv);
        app.parse(arguments);
    } catch (const CLI::ParseError& failure) {
        return afterFlushing(reportUsage(app, failure, json));
    }
    return perform(action, argc, argv, json);
}
