// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/block_mask.h"
#include "core/select/head_tile.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// What a query block keeps. keepKeys: budget in keys a row, always-kept blocks included. keepPeak: extras,
/// by the rows' true probabilities; <= 0 for none. mask: the blocks that another selection has chosen for
/// this tile (observed `tree` and `stream`), instead of a budget.
struct KeepRule {
    std::uint32_t keepKeys = 512;
    float keepPeak = 0;
    const BlockMask* mask = nullptr;
};

/// K = max(ceil(keepKeys / blockK), always-kept blocks), at most the causal blocks.
std::uint32_t budgetBlocks(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keepKeys);

/// Keeps the always-kept blocks, then the heaviest, ties to the smaller index, until the budget is spent.
/// mass: [causal blocks of the query block]; NaN counts as 0. With onlyPositive, blocks without any mass are
/// not taken (a selection that has not looked at them knows nothing about them), unless the budget holds
/// every causal block. Appends to `kept`, ascending. Cost: O(blocks).
void keepHeaviest(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keepKeys,
                  std::span<const float> mass, bool onlyPositive, std::vector<std::uint32_t>& kept);

/// Adds to `kept` (ascending, in and out) every block with peak >= keepPeak that is not there yet, and counts
/// them in `mask`. Shape: peak [causal blocks of the query block, at least].
void addExtras(const HeadShape& shape, std::uint32_t queryBlock, std::span<const float> peak, float keepPeak,
               std::vector<std::uint32_t>& kept, BlockMask& mask);

} // namespace headwater
