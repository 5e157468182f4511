// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/parallel/progress.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

namespace headwater {

/// What every verb gets to work with.
struct VerbContext {
    std::stop_token stop; ///< requested by Ctrl-C
    std::string commandLine; ///< as typed, quoted for a shell
};

/// A verb's work; its value is the process's exit code (0, or 1 for a failed check).
using VerbAction = std::function<Result<int>(const VerbContext&)>;

/// Each function adds one verb to the parser and sets `action` when it is the one that was asked for.
void addRunVerb(CLI::App& app, VerbAction& action);
void addGenerateVerb(CLI::App& app, VerbAction& action);
void addTokenizeVerb(CLI::App& app, VerbAction& action);
void addLogitsVerb(CLI::App& app, VerbAction& action);
void addInfoVerb(CLI::App& app, VerbAction& action);
void addVerifyVerb(CLI::App& app, VerbAction& action);
void addExportVerb(CLI::App& app, VerbAction& action);
void addFigureVerb(CLI::App& app, VerbAction& action);
void addFetchVerb(CLI::App& app, VerbAction& action);
void addModelsVerb(CLI::App& app, VerbAction& action);
void addBenchVerb(CLI::App& app, VerbAction& action);
void addServeVerb(CLI::App& app, VerbAction& action);
void addGuiVerb(CLI::App& app, VerbAction& action);

/// Prints one JSON object on standard output. Bytes that are not UTF-8 become U+FFFD.
void printJson(const nlohmann::json& json);

/// Progress on standard error: a bar with the time left on a terminal, nothing elsewhere.
ProgressSink terminalProgress();
/// Ends a progress bar's line, if one is on screen.
void endTerminalProgress();

/// The options that name a prompt: --prompt FILE|- or --text STR.
struct PromptArguments {
    std::string file;
    std::string text;

    void addTo(CLI::App& verb);
    Result<std::string> read() const;
};

} // namespace headwater
