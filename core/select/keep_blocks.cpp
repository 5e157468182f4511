// SPDX-License-Identifier: Apache-2.0
#include "core/select/keep_blocks.h"

#include <algorithm>
#include <bit>

namespace headwater {

std::uint32_t budgetBlocks(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keepKeys)
{
    const AlwaysKept always = alwaysKept(grid, queryBlock);
    const std::uint32_t asked = keepKeys / grid.blockK + (keepKeys % grid.blockK > 0 ? 1 : 0);
    return std::min(always.end, std::max(asked, always.count()));
}

void keepHeaviest(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keepKeys,
                  std::span<const float> mass, bool onlyPositive, std::vector<std::uint32_t>& kept)
{
    const AlwaysKept always = alwaysKept(grid, queryBlock);
    const std::uint32_t budget = budgetBlocks(grid, queryBlock, keepKeys);
    const std::size_t begin = kept.size();
    if (budget >= always.end) {
        for (std::uint32_t block = 0; block < always.end; ++block)
            kept.push_back(block);
        return;
    }
    // Falling mass, then rising index, as one falling 64-bit order: non-negative floats order as their bits.
    thread_local std::vector<std::uint64_t> order;
    order.clear();
    for (std::uint32_t block = 1; block < always.recent; ++block) {
        const float value = mass[block] > 0 ? mass[block] : 0.0f;
        if (value > 0 || !onlyPositive)
            order.push_back(std::uint64_t(std::bit_cast<std::uint32_t>(value)) << 32
                            | (~block & 0xffffffffu));
    }
    const std::size_t wanted = std::min<std::size_t>(budget - always.count(), order.size());
    if (wanted > 0 && wanted < order.size())
        std::nth_element(order.begin(), order.begin() + std::ptrdiff_t(wanted), order.end(),
                         std::greater<>());
    if (always.recent > 0)
        kept.push_back(0);
    for (std::size_t i = 0; i < wanted; ++i)
        kept.push_back(~std::uint32_t(order[i]));
    std::sort(kept.begin() + std::ptrdiff_t(begin), kept.end());
    for (std::uint32_t block = always.recent; block < always.end; ++block)
        kept.push_back(block);
}

void addExtras(const HeadShape& shape, std::uint32_t queryBlock, std::span<const float> peak, float keepPeak,
               std::vector<std::uint32_t>& kept, BlockMask& mask)
{
    const std::size_t inBudget = kept.size();
    const std::uint32_t end = shape.grid.numCausalKeyBlocks(queryBlock);
    for (std::uint32_t block = 0, at = 0; block < end; ++block) {
        while (at < inBudget && kept[at] < block)
            ++at;
        if (peak[block] >= keepPeak && !(at < inBudget && kept[at] == block))
            kept.push_back(block);
    }
    for (std::size_t i = inBudget; i < kept.size(); ++i)
        mask.extras.pairs += pairsOf(shape, queryBlock, kept[i]);
    mask.extras.edges += kept.size() - inBudget;
    std::inplace_merge(kept.begin(), kept.begin() + std::ptrdiff_t(inBudget), kept.end());
}

} // namespace headwater
