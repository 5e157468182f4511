// SPDX-License-Identifier: Apache-2.0
#include "core/record/head_shape.h"

#include <algorithm>

namespace headwater {

AlwaysKept alwaysKept(const BlockGrid& grid, std::uint32_t queryBlock)
{
    AlwaysKept kept;
    kept.firstDiagonal = grid.firstRow(queryBlock) / grid.blockK;
    kept.recent = kept.firstDiagonal > 0 ? kept.firstDiagonal - 1 : 0;
    kept.end = grid.numCausalKeyBlocks(queryBlock);
    return kept;
}

BlockRange windowBlocks(const HeadShape& shape, std::uint32_t queryBlock)
{
    return {shape.firstKey(shape.grid.firstRow(queryBlock)) / shape.grid.blockK,
            shape.grid.numCausalKeyBlocks(queryBlock)};
}

std::uint64_t pairsOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const std::uint32_t firstKey = keyBlock * shape.grid.blockK;
    const std::uint32_t endKey = std::min(firstKey + shape.grid.blockK, shape.grid.seqLen);
    const std::uint32_t firstRow = shape.grid.firstRow(queryBlock);
    const std::uint32_t endRow = shape.grid.endRow(queryBlock);
    if (shape.window == 0 && endKey <= firstRow + 1)
        return std::uint64_t(endRow - firstRow) * (endKey - firstKey);
    std::uint64_t pairs = 0;
    for (std::uint32_t row = firstRow; row < endRow; ++row) {
        const std::uint32_t from = std::max(firstKey, shape.firstKey(row));
        const std::uint32_t to = std::min(endKey, row + 1);
        pairs += to > from ? to - from : 0;
    }
    return pairs;
}

std::uint64_t usablePairsOf(const HeadShape& shape, std::uint32_t queryBlock)
{
    std::uint64_t pairs = 0;
    for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock); ++row)
        pairs += row + 1 - shape.firstKey(row);
    return pairs;
}

double meanDistanceOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const double firstRow = shape.grid.firstRow(queryBlock);
    const double endRow = shape.grid.endRow(queryBlock);
    const double firstKey = keyBlock * shape.grid.blockK;
    const double endKey = std::min(keyBlock * shape.grid.blockK + shape.grid.blockK, shape.grid.seqLen);
    if (shape.window == 0 && endKey <= firstRow + 1)
        return (firstRow + endRow - firstKey - endKey) / 2;
    double sum = 0;
    double pairs = 0;
    for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock); ++row) {
        const double from = std::max<double>(firstKey, shape.firstKey(row));
        const double to = std::min<double>(endKey, row + 1.0);
        if (to <= from)
            continue;
        pairs += to - from;
        sum += (to - from) * (row - (from + to - 1) / 2);
    }
    return pairs > 0 ? sum / pairs : 0.0;
}

} // namespace headwater
