// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/sampling_options.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

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
    Sampler(const SamplingOptions& options, std::uint64_t seed, std::span<const std::int32_t> prompt,
            std::size_t vocabSize);

    /// The token after those so far; it is one of them from now on. Shape: logits [vocab], finite. Cost:
    /// O(vocab), and O(candidates · log vocab) with top-p.
    std::int32_t next(std::span<const float> logits);

    /// Those among which it is drawn, by rising id; of greedy decoding the one.
    std::vector<Candidate> candidates(std::span<const float> logits) const;

private:
    std::vector<double> penalised(std::span<const float> logits) const;

    SamplingOptions m_options;
    std::vector<bool> m_seen; ///< [vocab]
    std::uint64_t m_seed;
    std::uint64_t m_draws = 0;
};

} // namespace headwater
