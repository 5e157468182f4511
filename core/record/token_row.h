// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace headwater {

/// The heaviest keys of one row of one head, token by token; probabilities are of the whole row.
struct TokenRow {
    int layer = 0;
    int head = 0;
    std::uint32_t row = 0;
    std::vector<std::uint32_t> keys; ///< by falling probability, ties to the smaller key
    std::vector<float> probability;
};

} // namespace headwater
