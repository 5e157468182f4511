// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace headwater {

/// How the next token is chosen. The defaults are greedy decoding.
struct SamplingOptions {
    double temperature = 0; ///< logits are divided by it; 0: the likeliest token, whatever the filters say
    std::uint32_t topK = 0; ///< only the likeliest so many (and those equal to the last of them); 0: all
    double topP = 1; ///< only the likeliest that together hold this share; 1: all
    double minP = 0; ///< only those at least this share as likely as the likeliest; 0: all
    double repetitionPenalty = 1; ///< logits of tokens seen before: divided where positive, else multiplied

    bool isArgMax() const { return temperature == 0 && repetitionPenalty == 1; }
};

} // namespace headwater
