// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/tile_masses.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Fills record.columns: what the tile's rows give to single keys, for the keys of heavy blocks alone.
/// A block is heavy when its rows give it 1/32 of their probability on average or, around the diagonal, when
/// it could add 1/64 to a key's mean over all later rows. So a key's mean incoming probability is never
/// counted too high and falls short by less than 1/32 + 1/64, which is the precision of the sink threshold.
/// scratch: [kTileKeys, kTileRows]. Cost: 2 · rows · keys of heavy blocks · headDim FLOP.
void addColumnSums(const HeadShape& shape, const KeyValues& head, const QueryTile& tile,
                   const TileMasses& masses, const float* queries, float* scratch, TileRecord& record);

} // namespace headwater
