// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/tile_order.h"

#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace headwater {

namespace {

/// Twice the centre of the asked tiles of one level and head, so that it is whole.
struct Bounds {
    std::uint32_t minRow = UINT32_MAX;
    std::uint32_t maxRow = 0;
    std::uint32_t minCol = UINT32_MAX;
    std::uint32_t maxCol = 0;

    void add(const TileKey& key)
    {
        minRow = std::min(minRow, key.row);
        maxRow = std::max(maxRow, key.row);
        minCol = std::min(minCol, key.col);
        maxCol = std::max(maxCol, key.col);
    }

    std::uint64_t squaredDistance(const TileKey& key) const
    {
        const std::int64_t dRow = 2 * std::int64_t{key.row} - minRow - maxRow;
        const std::int64_t dCol = 2 * std::int64_t{key.col} - minCol - maxCol;
        return static_cast<std::uint64_t>(dRow * dRow + dCol * dCol);
    }
};

} // namespace

std::vector<TileKey> orderTiles(std::span<const TileKey> keys, std::uint32_t seqLen)
{
    std::map<std::tuple<int, int, std::uint32_t>, Bounds> bounds;
    std::vector<TileKey> existing;
    existing.reserve(keys.size());
    for (const TileKey& key : keys) {
        if (!tileExists(key, seqLen))
            continue;
        existing.push_back(key);
        bounds[{key.layer, key.head, key.level}].add(key);
    }
    std::vector<std::pair<std::uint64_t, TileKey>> ranked;
    ranked.reserve(existing.size());
    for (const TileKey& key : existing)
        ranked.emplace_back(bounds[{key.layer, key.head, key.level}].squaredDistance(key), key);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
        if (a.second.level != b.second.level)
            return a.second.level > b.second.level;
        return a.first < b.first;
    });
    std::transform(ranked.begin(), ranked.end(), existing.begin(),
                   [](const auto& entry) { return entry.second; });
    return existing;
}

} // namespace headwater
