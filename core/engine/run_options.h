// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/block_grid.h"
#include "core/select/select_params.h"
#include "core/tokenizer/chat_format.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Whether a run keeps what its rows give to the tokens after them.
enum class PredictionChoice {
    Auto, ///< where they are cheap (makesPredictions in core/engine/estimate.cpp): a rule of model and length
          ///< alone
    On,
    Off,
};

/// Everything `headwater run` can be asked; the RPC method `run` takes the same names.
struct RunOptions {
    std::string model; ///< a path, a fetched name or "builtin:needle"
    std::string prompt; ///< the user's bytes, before any chat format
    std::string chat = "auto"; ///< "auto", "off" or a family
    std::string encoding = "auto"; ///< what `prompt` was before it was read, for the command line alone
    std::vector<std::string> promptNotes; ///< what is said of the prompt, kept in the trace
    TextTokens textTokens = TextTokens::Auto; ///< what control tokens spelt in the prompt are
    std::filesystem::path output; ///< of the trace
    bool replace = true; ///< an older trace of that name is replaced
    SelectParams select;
    PredictionChoice predictions = PredictionChoice::Auto;
    bool check = false; ///< behaviour check: dense against masked
    std::optional<std::string>
        expect; ///< with `check`: the answer both must give, instead of the next two tokens
    std::uint32_t generate = 16; ///< greedy tokens after the prompt; 0: none
    std::uint32_t threads = 0; ///< 0: all available processors; at most kMostThreads
    std::uint32_t chunkRows = 0; ///< 0: the backend chooses
    bool keepSession = false; ///< keep what the forward leaves for a warm session, where memory lets it
    bool force = false; ///< run although the estimate says that memory will not do
    std::string command; ///< the whole command line, kept in the trace
};

/// Selection parameters with every default filled in for a prompt of `seqLen` tokens: a rule of the length
/// alone, never of the machine. Errors: InvalidArgument naming the option, what was given and what is
/// allowed.
Result<SelectParams> resolveSelect(const SelectParams& params, std::uint32_t seqLen);

/// Whether the options make sense, before a model is loaded for them. Errors: InvalidArgument naming the
/// option ("--block-q"), what was given and what is allowed.
Result<void> checkRunOptions(const RunOptions& options);

/// The text without the white space at its ends: how an answer and what was expected of it are compared.
std::string_view trimmed(std::string_view text);

/// The grid of resolved parameters.
BlockGrid gridOf(const SelectParams& resolved, std::uint32_t seqLen);

/// "p_model", "p_stream" or "p_masked": what the numbers of a run with these parameters are (DESIGN §3).
const char* quantityOf(Propagation propagation, Normaliser normaliser);

const char* nameOf(Selection selection);
const char* nameOf(Propagation propagation);
const char* nameOf(Normaliser normaliser);
const char* nameOf(StreamProbe probe);
const char* nameOf(TextTokens tokens);
const char* nameOf(PredictionChoice choice);

Result<Selection> selectionNamed(const std::string& name);
Result<Propagation> propagationNamed(const std::string& name);
Result<StreamProbe> probeNamed(const std::string& name);
Result<TextTokens> textTokensNamed(const std::string& name);
Result<PredictionChoice> predictionChoiceNamed(const std::string& name);

/// `command` with what was left to the prompt's format spelt out: a later version, whose rule may be another,
/// repeats the run as it was. `used` is what it came to (plain or control).
std::string withTextTokens(std::string command, TextTokens asked, TextTokens used);

/// The command line that repeats a run, every argument quoted for a POSIX shell.
std::string commandLineOf(const RunOptions& options, const std::string& promptArgument);

} // namespace headwater
