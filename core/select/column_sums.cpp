// SPDX-License-Identifier: Apache-2.0
#include "core/select/column_sums.h"

#include "core/select/lanes.h"
#include "core/select/score_tile.h"
#include "core/select/scores.h"

#include <algorithm>

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

/// Sum over the rows of 2^(score - lse2), for one key.
HEADWATER_LANE_KERNEL
double sumOfRow(const float* scores, std::uint32_t rows, const float* lse2)
{
    F16 sum = {};
    for (std::uint32_t row = 0; row < rows; row += kLanes) {
        F16 v;
        F16 lse;
        lanes::load(scores + row, v);
        lanes::load(lse2 + row, lse);
        lanes::exp2(v - lse, v);
        sum += v;
    }
    return static_cast<double>(lanes::sumOf(sum));
}

bool isHeavy(const HeadShape& shape, const QueryTile& tile, const TileMasses& masses, std::uint32_t block)
{
    double sum = 0;
    const std::uint32_t blockQ = shape.grid.blockQ;
    for (std::uint32_t first = 0; first < tile.numRows; first += blockQ)
        sum += double(masses.blockMass(first / blockQ)[block - masses.firstBlock()])
            * std::min(blockQ, tile.numRows - first);
    const std::uint32_t firstKey = block * shape.grid.blockK;
    if (firstKey + shape.grid.blockK <= tile.firstRow)
        return sum * 32 >= tile.numRows;
    return sum * 64 >= shape.grid.seqLen - firstKey;
}

} // namespace

void addColumnSums(const HeadShape& shape, const KeyValues& head, const QueryTile& tile,
                   const TileMasses& masses, const float* queries, float* scratch, TileRecord& record)
{
    const std::uint32_t rows = paddedRows(tile.numRows);
    const std::uint32_t endBlock = masses.firstBlock() + masses.numBlocks();
    const std::uint32_t endKey = tile.firstRow + tile.numRows;
    for (std::uint32_t block = masses.firstBlock(); block < endBlock; ++block) {
        if (!isHeavy(shape, tile, masses, block))
            continue;
        const std::uint32_t firstKey = block * shape.grid.blockK;
        const std::uint32_t count = std::min(shape.grid.blockK, endKey - firstKey);
        scoreTile(head, firstKey, count, queries, rows, kTileRows, scratch);
        maskScores(scratch, firstKey, count, tile.firstRow, rows, kTileRows, shape.window);
        for (std::uint32_t i = 0; i < count; ++i)
            record.columns.push_back(
                {firstKey + i, sumOfRow(scratch + i * kTileRows, rows, masses.lse2().data())});
    }
}

} // namespace headwater
