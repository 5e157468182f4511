// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/tile_workers.h"

#include <algorithm>

namespace headwater {

TileWorkers::TileWorkers(std::size_t threads, Arena::Poison poison)
    : m_poison(poison)
    , m_pool(threads)
    , m_scratch(m_pool.size())
{
}

Scratch& TileWorkers::fresh(std::size_t worker)
{
    m_scratch[worker].reset(m_poison == Arena::Poison::On);
    return m_scratch[worker];
}

void TileWorkers::forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body,
                           std::stop_token stop)
{
    const std::uint32_t endRow = rows.first + rows.count;
    if (rows.mode == RowMode::Decode) {
        for (std::uint32_t row = rows.first; row < endRow && !stop.stop_requested(); ++row)
            body({row, 1, rows.mode}, fresh(0));
        return;
    }
    const std::uint32_t firstTile = rows.first / kTileRows;
    const std::uint32_t endTile = (endRow + kTileRows - 1) / kTileRows;
    forEach(
        endTile - firstTile,
        [&](std::size_t index, std::size_t, Scratch& scratch) {
            const std::uint32_t tile = firstTile + static_cast<std::uint32_t>(index);
            const std::uint32_t begin = std::max(rows.first, tile * kTileRows);
            const std::uint32_t end = std::min(endRow, (tile + 1) * kTileRows);
            body({begin, end - begin, rows.mode}, scratch);
        },
        std::move(stop));
}

void TileWorkers::forEach(std::size_t count,
                          const std::function<void(std::size_t, std::size_t, Scratch&)>& body,
                          std::stop_token stop)
{
    m_pool.parallelFor(
        count, [&](std::size_t index, std::size_t worker) { body(index, worker, fresh(worker)); },
        std::move(stop));
}

} // namespace headwater
