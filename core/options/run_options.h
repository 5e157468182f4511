// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/sampling_options.h"
#include "core/select/select_params.h"
#include "core/tokenizer/prompt_choices.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// Whether a run keeps what its rows give to the tokens after them.
enum class PredictionChoice {
    Auto, ///< where they are cheap (makesPredictions in core/engine/estimate.cpp): a rule of model and length
          ///< alone
    On,
    Off,
};

/// Everything that `headwater run` and `generate` can be asked. What each field is called, allowed and said
/// to be stands in the table of core/options/option_table.h; the defaults stand here.
struct RunOptions {
    std::string model; ///< a path, a fetched name or "builtin:needle"
    std::string prompt; ///< the user's bytes, before any chat format
    std::string promptFile; ///< what `prompt` was or will be read from; empty: it was given itself
    std::string encoding = "auto"; ///< what the bytes of `promptFile` are
    std::vector<std::string> promptNotes; ///< what is said of the prompt, kept in the trace
    std::string system; ///< what stands before the prompt as the system's turn; empty: the format's own
    std::string turns; ///< a JSON list of turns in place of system and prompt, or the name of its file
    std::string chat = "auto"; ///< "auto", "off" or a family
    Thinking thinking = Thinking::Auto; ///< what a template with a switch for it is told
    std::string day; ///< "2026-11-30": what a template that names the day is given; empty: today
    TextTokens textTokens = TextTokens::Auto; ///< what control tokens spelt in the prompt are
    std::filesystem::path output; ///< of the trace
    bool replace = true; ///< an older trace of that name is replaced
    bool resume = false; ///< go on with the unfinished trace of that name (core/engine/begun_run.h)
    SelectParams select;
    PredictionChoice predictions = PredictionChoice::Auto;
    bool check = false; ///< behaviour check: dense against masked
    std::optional<std::string>
        expect; ///< with `check`: the answer both must give, instead of the next two tokens
    std::uint32_t generate = 16; ///< tokens after the prompt; 0: none
    SamplingOptions sampling; ///< how they are chosen
    std::vector<std::string> stops; ///< texts that end the answer
    std::uint32_t threads = 0; ///< 0: all available processors; at most kMostThreads
    std::uint32_t chunkRows = 0; ///< 0: the backend chooses
    bool keepSession = false; ///< keep what the forward leaves for a warm session, where memory lets it
    bool force = false; ///< run although the estimate says that memory will not do
    std::string command; ///< the whole command line, kept in the trace
};

} // namespace headwater
