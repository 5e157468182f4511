// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/block_grid.h"
#include "core/record/head_kinds.h"

#include <cstdint>

namespace headwater {

/// Rows are worked on and recorded in tiles of 256, aligned to the absolute row index: a tile's bytes depend
/// on the tile alone, never on the chunk that brought it, the thread that ran it or the tiles before it. What
/// is recorded can be cut at a tile.
inline constexpr std::uint32_t kTileRows = 256;

/// What a head may read. grid.seqLen is the length of the whole sequence.
struct HeadShape {
    BlockGrid grid;
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0; ///< keys a row sees, itself included; 0 for global heads

    /// The first key that row may read.
    std::uint32_t firstKey(std::uint32_t row) const
    {
        return window == 0 || row < window ? 0 : row - window + 1;
    }
};

/// The key blocks a query block keeps without asking: block 0 (sink), the recent block before the diagonal,
/// and the blocks of the diagonal. As ranges: {0}, [recent, end), where recent = firstDiagonal - 1, or 0.
struct AlwaysKept {
    std::uint32_t recent = 0;
    std::uint32_t firstDiagonal = 0;
    std::uint32_t end = 0; ///< one past the last block of the diagonal = all causal blocks

    std::uint32_t count() const { return end - recent + (recent > 0 ? 1 : 0); }
    bool contains(std::uint32_t block) const { return block == 0 || block >= recent; }
};
AlwaysKept alwaysKept(const BlockGrid& grid, std::uint32_t queryBlock);

/// The blocks a sliding head's query block reads: [first, end).
struct BlockRange {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
};
BlockRange windowBlocks(const HeadShape& shape, std::uint32_t queryBlock);

/// Causal pairs (row, key) of one query block and one key block, inside the window for sliding heads.
std::uint64_t pairsOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock);
/// All pairs the rows of one query block may use.
std::uint64_t usablePairsOf(const HeadShape& shape, std::uint32_t queryBlock);
/// Mean of t - j over the pairs of a query block and a key block that the head may use; 0 where there is
/// none.
double meanDistanceOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock);

} // namespace headwater
