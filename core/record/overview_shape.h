// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/block_grid.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// A coarse picture's place in the pyramid: side × side cells of 2^level × 2^level tokens, side a power of
/// two.
struct OverviewShape {
    std::uint32_t side = 0;
    std::uint32_t level = 0;
    bool operator==(const OverviewShape&) const = default;
};

/// Cells a side of the smallest picture, at most.
inline constexpr std::uint32_t kThumbnailSide = 64;

/// The pictures a trace holds of every head: one of 64 cells a side, and one of at most 1 024; no finer than
/// the blocks (level >= log2(max(blockQ, blockK))). A short sequence has one.
std::vector<OverviewShape> overviewShapes(const BlockGrid& grid);

} // namespace headwater
