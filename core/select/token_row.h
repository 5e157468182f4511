// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/token_row.h"
#include "core/select/head_tile.h"

#include <vector>

namespace headwater {

/// The exact probabilities of one row, token by token: p [row + 1], zero before the window. query: [headDim],
/// the score scale multiplied in; head.length must exceed row. Cost: 2 · row ·
/// headDim FLOP.
std::vector<float> exactRow(const HeadShape& shape, const KeyValues& head, const float* query,
                            std::uint32_t row);

/// Its `most` heaviest keys with p > 0, by falling probability, ties to the smaller key.
TokenRow tokenRow(int layer, int headIndex, const HeadShape& shape, const KeyValues& head, const float* query,
                  std::uint32_t row, std::uint32_t most = 32);

} // namespace headwater
