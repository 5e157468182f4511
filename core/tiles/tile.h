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

/// What is known of the pairs of each cell. Shape: [256, 256] row-major each; one value a tile row for
/// `missed` and `recorded`.
///
/// A number that is shown is always one pair's: from the block level on an edge (kept block) belongs to the
/// one cell of its peak; below it to every cell that the head's rows and keys share with the block, and only
/// the cell of the peak has its number. So a cell says one of four things:
/// - max > 0: the largest number that is known of its pairs; where a session has given all of them (below the
///   block level), theirs alone;
/// - max = 0, count = 0: nothing in it is kept;
/// - max = 0, count > 0, its row recorded: its keys are not among the heaviest of their rows;
/// - max = 0, count > 0, its row not recorded (`isSomewhere`): a kept block is here, with its largest pair
///   elsewhere.
struct Tile {
    TileKey key;
    /// Log code of the largest known probability: of the peaks of the cell's edges; below the block level of
    /// the pairs that have a number (core/reading/known_pair.h: peaks, and the keys of recorded rows).
    std::array<std::uint8_t, kTileSide * kTileSide> max{};
    /// Log code of the number of edges in the cell; below the block level of those that touch it.
    std::array<std::uint8_t, kTileSide * kTileSide> count{};
    /// Log code of the largest missed mass of the cell's rows (0: none, kUnknownCode: hatched).
    std::array<std::uint8_t, kTileSide> missed{};
    /// 1 where the trace holds all rows of the tile row token by token; 0 from the block level on.
    std::array<std::uint8_t, kTileSide> recorded{};

    bool isSomewhere(std::size_t row, std::size_t col) const
    {
        const std::size_t cell = row * kTileSide + col;
        return max[cell] == 0 && count[cell] > 0 && recorded[row] == 0;
    }
};

} // namespace headwater
