// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// How the next token is chosen. The defaults are greedy decoding.
struct SamplingOptions {
    double temperature = 0; ///< logits are divided by it; 0: the likeliest token, whatever the filters say
    std::uint32_t topK = 0; ///< only the likeliest so many (and those equal to the last of them); 0: all
    double topP = 1; ///< only the likeliest that together hold this share; 1: all
    double minP = 0; ///< only those at least this share as likely as the likeliest; 0: all
    double repetitionPenalty = 1; ///< logits of tokens seen before: divided where positive, else multiplied
    std::uint64_t seed = 0;

    bool isArgMax() const { return temperature == 0 && repetitionPenalty == 1; }
};

/// Whether they make sense. Errors: InvalidArgument naming the option ("--top-p"), what was given and what is
/// allowed.
Result<void> checkSampling(const SamplingOptions& options);

/// A token that may be drawn.
struct Candidate {
    std::int32_t id = 0;
    double probability = 0; ///< they sum to 1
};

/// Chooses one token after the other. What is done to a row of logits, in this order (that of transformers,
/// whose numbers these are): repetition penalty over the tokens of the prompt and those generated, each once;
/// temperature; top-k; top-p; min-p; softmax in double. Draw i (from 0) is by inversion over the candidates
/// by rising id, of u = (splitmix64's output i for the seed >> 11) · 2^-53: it depends on the seed, i and the
/// logits alone.
class Sampler {
public:
    /// `prompt`: what stands before the first token; ids below `vocabSize`.
    Sampler(const SamplingOptions& options, std::span<const std::int32_t> prompt, std::size_t vocabSize);

    /// The token after those so far; it is one of them from now on. Shape: logits [vocab], finite. Cost:
    /// O(vocab), and O(candidates · log vocab) with top-p.
    std::int32_t next(std::span<const float> logits);

    /// Those among which it is drawn, by rising id; of greedy decoding the one.
    std::vector<Candidate> candidates(std::span<const float> logits) const;

private:
    std::vector<double> penalised(std::span<const float> logits) const;

    SamplingOptions m_options;
    std::vector<bool> m_seen; ///< [vocab]
    std::uint64_t m_draws = 0;
};

} // namespace headwater
