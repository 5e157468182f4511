// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/block_grid.h"
#include "core/select/select_params.h"

#include <cstddef>
#include <cstdint>

namespace headwater {

/// Rows are worked on in tiles of 256, aligned to the absolute row index: a tile's bytes depend on the tile
/// alone, never on the chunk that brought it, the thread that ran it or the tiles before it. Key tiles are as
/// long.
inline constexpr std::uint32_t kTileRows = 256;
inline constexpr std::uint32_t kTileKeys = 256;

/// Keys and values of one KV head, after RoPE. Shape: [length, headDim] each, row-major with its own row
/// stride.
struct KeyValues {
    const float* keys = nullptr;
    std::size_t keyStride = 0;
    const float* values = nullptr; ///< may be null where only scores are asked for
    std::size_t valueStride = 0;
    std::uint32_t length = 0;
    std::uint32_t headDim = 0;
};

/// One tile of query rows of one query head, after RoPE, the score scale multiplied in.
/// Shape: [numRows, headDim]; firstRow is a multiple of kTileRows, numRows <= kTileRows.
struct QueryTile {
    const float* rows = nullptr;
    std::size_t stride = 0;
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;
};

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

/// Where the tile's attention output goes. Shape: [numRows, headDim], row-major; data null: not wanted.
struct TileOutput {
    float* data = nullptr;
    std::size_t stride = 0;
};

} // namespace headwater
