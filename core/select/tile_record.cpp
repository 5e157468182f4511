// SPDX-License-Identifier: Apache-2.0
#include "core/select/tile_record.h"

namespace headwater {
namespace {

template <class T> void append(std::vector<T>& to, const std::vector<T>& from)
{
    to.insert(to.end(), from.begin(), from.end());
}

} // namespace

void TileRecord::reset(const BlockGrid& grid, const QueryTile& tile)
{
    firstRow = tile.firstRow;
    numRows = tile.numRows;
    mask.reset();
    mass.clear();
    peak.clear();
    peakAt.clear();
    lse.assign(numRows, 0.0f);
    kept.assign(numRows, 0.0f);
    missed.assign(numRows, 0.0f);
    missedPeak.assign(numRows, 0.0f);
    columns.clear();
    tokenZero.assign((tile.numRows + grid.blockQ - 1) / grid.blockQ, 0.0f);
}

void appendTile(HeadRecord& record, const TileRecord& tile)
{
    if (record.rowPtr.empty()) {
        record.rowPtr.push_back(0);
        record.firstRow = tile.firstRow;
    }
    const std::uint32_t edges = record.rowPtr.back();
    for (std::size_t i = 1; i < tile.mask.rowPtr.size(); ++i)
        record.rowPtr.push_back(edges + tile.mask.rowPtr[i]);
    append(record.keyBlock, tile.mask.keyBlock);
    append(record.mass, tile.mass);
    append(record.peak, tile.peak);
    append(record.peakAt, tile.peakAt);
    append(record.lse, tile.lse);
    append(record.missed, tile.missed);
    append(record.missedPeak, tile.missedPeak);
    record.numRows += tile.numRows;
    append(record.tokenZero, tile.tokenZero);
    record.extras.push_back(tile.mask.extras);
}

} // namespace headwater
