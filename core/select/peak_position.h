// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"

#include <cstdint>

namespace headwater {

/// The column (inside the key block) of the largest score that `row` gives to a key it may read; ties to the
/// smaller one; the first column it may read where no score is a number, 0 where it may read none. query:
/// [headDim], contiguous. Cost: blockK · headDim.
std::uint32_t heaviestColumn(const HeadShape& shape, const KeyValues& head, const float* query,
                             std::uint32_t row, std::uint32_t keyBlock);

} // namespace headwater
