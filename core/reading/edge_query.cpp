// SPDX-License-Identifier: Apache-2.0
#include "core/reading/edge_query.h"

#include "core/base/half.h"
#include "core/record/cell_levels.h"

#include <algorithm>

namespace headwater {

namespace {

std::size_t lowerEdge(const EdgeSlice& edges, std::uint32_t queryBlock, std::uint64_t keyBlock)
{
    const auto begin = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.beginOf(queryBlock));
    const auto end = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.endOf(queryBlock));
    return static_cast<std::size_t>(std::lower_bound(begin, end, keyBlock) - edges.keyBlock.begin());
}

BlockEntry entryOf(const EdgeSlice& edges, std::uint32_t queryBlock, std::size_t edge)
{
    const std::uint16_t at = edges.peakAt[edge];
    return {queryBlock,
            edges.keyBlock[edge],
            floatFromHalf(edges.mass[edge]),
            floatFromHalf(edges.peak[edge]),
            queryBlock * edges.grid.blockQ + (at >> 8),
            edges.keyBlock[edge] * edges.grid.blockK + (at & 0xFF)};
}

void describeRow(const EdgeSlice& edges, std::uint32_t queryBlock, CellEdge& found)
{
    const float mass = floatFromHalf(edges.mass[found.edge]);
    const std::uint64_t begin = edges.beginOf(queryBlock);
    const std::uint64_t end = edges.endOf(queryBlock);
    found.rankInRow = 1;
    found.edgesInRow = static_cast<std::uint32_t>(end - begin);
    for (std::uint64_t edge = begin; edge < end; ++edge) {
        const float other = floatFromHalf(edges.mass[edge]);
        if (other > mass || (other == mass && edge < found.edge))
            ++found.rankInRow;
    }
}

void sortByMass(std::vector<BlockEntry>& entries)
{
    std::stable_sort(entries.begin(), entries.end(),
                     [](const BlockEntry& a, const BlockEntry& b) { return a.mass > b.mass; });
}

} // namespace

std::optional<CellEdge> findCellEdge(const EdgeSlice& edges, std::uint32_t level, std::uint32_t query,
                                     std::uint32_t key)
{
    const BlockGrid& grid = edges.grid;
    if (level > kMaxLevel || query >= grid.seqLen || key >= grid.seqLen || key >> level > query >> level)
        return std::nullopt;
    const auto endOf = [&](std::uint32_t token) {
        return std::min<std::uint64_t>(((std::uint64_t{token} >> level) + 1) << level, grid.seqLen);
    };
    const std::uint64_t firstKeyBlock = (key >> level << level) / grid.blockK;
    const std::uint64_t endKeyBlock = (endOf(key) - 1) / grid.blockK + 1;
    const std::uint32_t firstBlock = (query >> level << level) / grid.blockQ;
    const auto endBlock = static_cast<std::uint32_t>((endOf(query) - 1) / grid.blockQ + 1);

    if (firstBlock < edges.firstBlock || endBlock > edges.endBlock())
        return std::nullopt;
    CellEdge found;
    std::uint32_t foundBlock = 0;
    for (std::uint32_t block = firstBlock; block < endBlock; ++block) {
        for (std::size_t edge = lowerEdge(edges, block, firstKeyBlock);
             edge < edges.endOf(block) && edges.keyBlock[edge] < endKeyBlock; ++edge) {
            const float peak = floatFromHalf(edges.peak[edge]);
            if (found.edgesInCell++ == 0 || peak > found.peak) {
                found.edge = edge;
                found.peak = peak;
                foundBlock = block;
            }
        }
    }
    if (found.edgesInCell == 0)
        return std::nullopt;
    const BlockEntry entry = entryOf(edges, foundBlock, found.edge);
    found.query = entry.peakQuery;
    found.key = entry.peakKey;
    found.mass = entry.mass;
    describeRow(edges, foundBlock, found);
    return found;
}

std::vector<BlockEntry> rowEntries(const EdgeSlice& edges, std::uint32_t query)
{
    if (query >= edges.grid.seqLen)
        return {};
    const std::uint32_t block = query / edges.grid.blockQ;
    if (block < edges.firstBlock || block >= edges.endBlock())
        return {};
    std::vector<BlockEntry> entries;
    entries.reserve(edges.endOf(block) - edges.beginOf(block));
    for (std::uint64_t edge = edges.beginOf(block); edge < edges.endOf(block); ++edge)
        entries.push_back(entryOf(edges, block, edge));
    sortByMass(entries);
    return entries;
}

std::vector<BlockEntry> columnEntries(const HeadEdges& edges, std::uint32_t key)
{
    if (key >= edges.grid.seqLen)
        return {};
    const std::uint32_t keyBlock = key / edges.grid.blockK;
    std::vector<BlockEntry> entries;
    for (std::uint32_t block = keyBlock * edges.grid.blockK / edges.grid.blockQ;
         block < edges.grid.numQueryBlocks(); ++block) {
        const std::size_t edge = lowerEdge(edges, block, keyBlock);
        if (edge < edges.endOf(block) && edges.keyBlock[edge] == keyBlock)
            entries.push_back(entryOf(edges, block, edge));
    }
    sortByMass(entries);
    return entries;
}

} // namespace headwater
