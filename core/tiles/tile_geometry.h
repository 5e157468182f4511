// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/cell_levels.h"
#include "core/tiles/tile.h"

#include <bit>
#include <cstdint>

namespace headwater {

/// The level at which a whole map of `seqLen` tokens is one tile.
inline std::uint32_t coarsestLevel(std::uint32_t seqLen)
{
    const std::uint32_t cells = seqLen == 0 ? 0 : (seqLen - 1) / kTileSide;
    return static_cast<std::uint32_t>(std::bit_width(cells));
}

/// True when the tile has at least one cell that is neither beyond the sequence nor in the future.
inline bool tileExists(const TileKey& key, std::uint32_t seqLen)
{
    return key.level <= kMaxLevel && key.col <= key.row
        && std::uint64_t{key.row} * kTileSide < cellsOfAxis(seqLen, key.level);
}

} // namespace headwater
