// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/resolve_options.h"
#include "core/engine/run_predictions.h"
#include "core/generation/generation.h"
#include "core/record/global_heads.h"
#include "core/trace/run_findings.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

struct NextToken {
    std::int32_t id = 0;
    std::string text;
    double logprob = 0;
};

/// The result of a run: the JSON object of `headwater run --json` (docs/cli.md).
struct RunReport {
    std::uint32_t tokens = 0; ///< generated ones included
    std::uint32_t promptTokens = 0;
    int layers = 0;
    int heads = 0; ///< over all layers
    SelectParams select; ///< resolved
    Normaliser normaliser = Normaliser::Exact; ///< of the global heads
    std::uint64_t usablePairs = 0;
    std::uint64_t keptPairs = 0;
    std::uint64_t usablePairsGlobal = 0;
    std::uint64_t keptPairsGlobal = 0;
    std::uint64_t alwaysKeptPairs = 0;
    std::uint64_t extraPairs = 0;
    Interval keptMass; ///< row-weighted mean over global heads; this and the next three are NaN where unknown
    double keptMassP5 = 0; ///< of the worst head
    double keptMassMin = 0;
    double contentMass = 0;
    std::uint32_t probeRows = 0; ///< the fewest of a global head; 0 where whole rows are known
    std::vector<std::uint32_t> sinks; ///< tokens that are a sink of any head
    std::vector<NextToken> next;
    std::vector<std::int32_t> generatedIds;
    std::string generatedText; ///< ends before a stop string, whose tokens are among the ids
    GenerationEnd generationEnd = GenerationEnd::Count;
    /// Share of the generated tokens' rows at which the decoded and the traced forward have one first choice.
    std::optional<double> decodedTracedAgreement;
    std::vector<AnswerRead> answerReads;
    std::optional<PromptLoss> promptLoss; ///< where predictions were made
    std::optional<BehaviourCheck> check;
    std::vector<std::string> notes; ///< banners: beyond the trained context, cache not kept, ...
    struct Seconds {
        double load = 0, tokenize = 0, prefill = 0, select = 0, attention = 0, predictions = 0, write = 0,
               generate = 0, tail = 0, check = 0, total = 0;
    } seconds;
    std::uint64_t peakResidentBytes = 0;
    std::uint64_t estimatedBytes = 0;
    std::string device;
    std::string trace;

    /// Their masses, pairs and probe rows.
    void takeGlobal(const GlobalHeads& global);
};

nlohmann::json toJson(const RunReport& report);
nlohmann::json toJson(const SelectParams& resolved);

/// What the run found, for people: the answer, or the next token where nothing was generated; where it was
/// read; how much the map holds; the behaviour check; notes. A line each.
std::string foundText(const RunReport& report);

/// The report for people: what was found, where it was read, how far to trust the map.
std::string toText(const RunReport& report);

} // namespace headwater
