// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/caught_error.h"
#include "app/headwater/interrupt.h"
#include "app/headwater/verb.h"
#include "core/base/shell_quote.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

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
    return std::any_of(argv + 1, argv + argc, [](const char* argument) { return std::string_view(argument) == "--json"; });
}

void printError(const headwater::Error& error)
{
    headwater::printJson({{"error",
                           {{"code", headwater::nameOf(error.code)},
                            {"exit_code", headwater::exitCodeOf(error.code)},
                            {"message", error.message},
                            {"context", error.context}}}});
}

int report(const headwater::Error& error, bool json)
{
    headwater::endTerminalProgress();
    std::fprintf(stderr, "error: %s\n", error.text().c_str());
    if (json)
        printError(error);
    return headwater::exitCodeOf(error.code);
}

/// What the parser found wrong, with its hint on standard error and, as every error, one JSON object where asked for.
int reportUsage(const CLI::App& app, const CLI::ParseError& failure, bool json)
{
    if (app.exit(failure) == 0)
        return 0; // --help, --version
    if (json)
        printError({headwater::ErrorCode::InvalidArgument, failure.what(), "command line"});
    return kUsage;
}

/// `code`, unless what was printed did not reach its reader whole: a full disk must not look like success.
int afterFlushing(int code)
{
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
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
    CLI::App app {"Headwater: attention at length. Runs sparse attention on a real model and prompt, records which keys "
                  "every query of every head uses, and exports what it found.",
                  "headwater"};
    app.set_version_flag("--version", std::string("headwater ") + HEADWATER_VERSION);
    app.require_subcommand(1);
    app.footer("Exit codes: 0 ok, 1 check failed, 64 usage, 65 bad data, 66 no input, 69 unavailable, 70 internal,\n"
               "71 out of memory or refused by the estimate, 73 cannot create, 74 I/O, 130 interrupted.");
    VerbAction action;
    addRunVerb(app, action);
    addGenerateVerb(app, action);
    addTokenizeVerb(app, action);
    addLogitsVerb(app, action);
    addInfoVerb(app, action);
    addVerifyVerb(app, action);
    addExportVerb(app, action);
    addFigureVerb(app, action);
    addFetchVerb(app, action);
    addModelsVerb(app, action);
    addBenchVerb(app, action);
    addServeVerb(app, action);
    addGuiVerb(app, action);
    const bool json = wantsJson(argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        return afterFlushing(reportUsage(app, failure, json));
    }
    return perform(action, argc, argv, json);
}
