// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/interrupt.h"
#include "core/base/result.h"
#include "core/engine/loaded_model.h"
#include "core/model/fetch/known_models.h"
#include "core/model/model_loader.h"
#include "core/model/model_look.h"
#include "core/options/run_options.h"
#include "core/parallel/progress.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

namespace headwater {

/// What every verb gets to work with.
struct VerbContext {
    Interrupt& interrupt;
    std::stop_token stop; ///< requested by Ctrl-C
    std::string commandLine; ///< as typed, quoted for a shell
};

/// loadModelAndTokenizer and encodePrompt, which a signal ends at once: nothing has been written yet.
Result<LoadedModel> loadForVerb(const std::string& name, const VerbContext& context);
Result<EncodedPrompt> encodeForVerb(const LoadedModel& loaded, const RunOptions& options,
                                    const VerbContext& context);

/// While one is alive, a signal ends the process at once if `output` is a pipe or device: these are written
/// directly, wait for their reader for as long as he likes, and nothing is left behind.
class DirectOutput {
public:
    DirectOutput(const std::filesystem::path& output, const VerbContext& context);

private:
    std::optional<Interrupt::AtOnce> m_atOnce;
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
void addRowVerb(CLI::App& app, VerbAction& action);
void addCellsVerb(CLI::App& app, VerbAction& action);
void addHeadsVerb(CLI::App& app, VerbAction& action);
void addPlaceVerb(CLI::App& app, VerbAction& action);
void addScoresVerb(CLI::App& app, VerbAction& action);
void addReadersVerb(CLI::App& app, VerbAction& action);
void addFindVerb(CLI::App& app, VerbAction& action);
void addExportVerb(CLI::App& app, VerbAction& action);
void addFigureVerb(CLI::App& app, VerbAction& action);
void addFetchVerb(CLI::App& app, VerbAction& action);
void addModelsVerb(CLI::App& app, VerbAction& action);
void addBenchVerb(CLI::App& app, VerbAction& action);
void addServeVerb(CLI::App& app, VerbAction& action);
void addGuiVerb(CLI::App& app, VerbAction& action);

/// Prints what a look at a model told, as `models NAME` does; its value is 1 where the model does not run.
int printModel(const ModelLook& look, bool json);

/// Prints one JSON object on standard output. Bytes that are not UTF-8 become U+FFFD.
void printJson(const nlohmann::json& json);

/// Prints the name of a file that was written: as it is where a program reads it, without control bytes on a
/// terminal.
void printName(const std::filesystem::path& path);

/// {name, url, accepted}, or null for a model that asks for no agreement.
nlohmann::json termsJson(const std::optional<KnownTerms>& terms);
/// The models that can be named without a path, as `models --json` and the RPC's `initialize` list them.
nlohmann::json modelsJson();

/// What the user should know of a run that is done all the same, on standard error, a line each.
void printNotes(const std::vector<std::string>& notes);

/// Progress on standard error: a bar with the time left on a terminal, nothing elsewhere.
ProgressSink terminalProgress();
/// Ends a progress bar's line, if one is on screen.
void endTerminalProgress();

/// For an option or argument that names a file: takes a file URI too (pathOfArgument).
const CLI::Validator& fileName();

/// Reads the prompt that the options name, and sets its text and what is said of it. A signal ends the
/// process while it waits for standard input. Errors: those of readInput and promptText, InvalidArgument (no
/// byte).
Result<void> readPrompt(RunOptions& options, const VerbContext& context);
/// The same for a verb without a report: what is said of the prompt is printed.
Result<void> readPromptAndNote(RunOptions& options, const VerbContext& context);

} // namespace headwater
