// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace headwater {

inline constexpr std::uint32_t kTileSide = 256;

/// A tile of one head's map: cells of level n cover 2^n × 2^n tokens; tile (row, col) covers the tokens
/// [row · 256 · 2^n, (row + 1) · 256 · 2^n) of the query axis and likewise of the key axis. Tiles of the
/// future (wholly above the diagonal) do not exist.
struct TileKey {
    int layer = 0;
    int head = 0;
    std::uint32_t level = 0;
    std::uint32_t row = 0;
    std::uint32_t col = 0;
    auto operator<=>(const TileKey&) const = default;
};

struct TileKeyHash {
    std::size_t operator()(const TileKey& key) const
    {
        std::uint64_t hash = static_cast<std::uint64_t>(key.layer) << 48
            ^ static_cast<std::uint64_t>(key.head) << 32 ^ key.level;
        hash = (hash ^ key.row) * 0x9E3779B97F4A7C15u;
        hash = (hash ^ hash >> 29 ^ key.col) * 0xBF58476D1CE4E5B9u;
        return static_cast<std::size_t>(hash ^ hash >> 32);
    }
};

/// Shape: [256, 256] row-major each.
struct Tile {
    TileKey key;
    /// Log code of the largest peak of the cell's edges. At and above the block size an edge belongs to the
    /// cell of its peak; below it the whole block is painted with its peak.
    std::array<std::uint8_t, kTileSide * kTileSide> max{};
    std::array<std::uint8_t, kTileSide * kTileSide> count{}; ///< log code of the number of edges in the cell
    /// Log code of the largest missed mass of the cell's rows (0: none, kUnknownCode: hatched), one value per
    /// tile row.
    std::array<std::uint8_t, kTileSide> missed{};
};

} // namespace headwater
