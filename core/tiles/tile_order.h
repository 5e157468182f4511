// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/tile.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// The existing tiles of `keys` in the order of making: coarser levels first (they are the parents on screen
/// while the finer ones are made), inside a level and head from the centre of what is asked for outwards.
std::vector<TileKey> orderTiles(std::span<const TileKey> keys, std::uint32_t seqLen);

} // namespace headwater
