// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/block_grid.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace headwater {

/// A map is seen in cells of 2^level × 2^level tokens.

/// Levels beyond this hold nothing that a smaller one does not: 2^24 cells of 256 tiles cover any 32-bit
/// length.
inline constexpr std::uint32_t kMaxLevel = 24;

/// The first level whose cells are no smaller than a block on either axis: from here on an edge lies in one
/// cell.
inline std::uint32_t blockLevel(const BlockGrid& grid)
{
    return static_cast<std::uint32_t>(std::bit_width(std::max({grid.blockQ, grid.blockK, 1u}) - 1));
}

/// Cells of one axis at a level.
inline std::uint32_t cellsOfAxis(std::uint32_t seqLen, std::uint32_t level)
{
    return static_cast<std::uint32_t>(((std::uint64_t{seqLen} + (std::uint64_t{1} << level) - 1) >> level));
}

} // namespace headwater
