// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/interrupt.h"
#include "app/headwater/verb.h"
#include "core/base/shell_quote.h"

#include <cstdio>
#include <new>
#include <nlohmann/json.hpp>

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

bool wantsJson(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--json")
            return true;
    }
    return false;
}

int report(const headwater::Error& error, bool json)
{
    headwater::endTerminalProgress();
    std::fprintf(stderr, "error: %s\n", error.text().c_str());
    if (json) {
        headwater::printJson({{"error",
                               {{"code", headwater::nameOf(error.code)},
                                {"exit_code", headwater::exitCodeOf(error.code)},
                                {"message", error.message},
                                {"context", error.context}}}});
    }
    return headwater::exitCodeOf(error.code);
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
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        return app.exit(failure) == 0 ? 0 : kUsage;
    }
    const bool json = wantsJson(argc, argv);
    try {
        const Interrupt interrupt;
        const Result<int> result = action({interrupt.token(), quoted(argc, argv)});
        endTerminalProgress();
        return result ? *result : report(result.error(), json);
    } catch (const std::bad_alloc&) {
        return report({ErrorCode::OutOfMemory, "memory ran out; try a shorter prompt or --generate 0", ""}, json);
    } catch (const std::exception& failure) {
        return report({ErrorCode::Internal, failure.what(), "unexpected"}, json);
    }
}
