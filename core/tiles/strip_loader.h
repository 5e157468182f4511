// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/head_cache.h"
#include "core/tiles/tile_builder.h"

#include <stop_token>

namespace headwater {

/// Makes the tiles of a strip from what the trace holds of its head: the coarsest stored overview that is
/// fine enough where there is one, the edges otherwise. The choice depends on the trace alone, never on what
/// is cached, so a tile's bytes are always the same; below the block level `exact` (may be null) has the
/// first word. `loadStop` stops reading and decoding, `buildStop` the pass over the edges. Returns an empty
/// run when the trace has nothing for this level (its chunks are not stored) or when stopped by `buildStop`.
/// Errors: those of the trace (BadFormat naming layer, head and chunk), Cancelled.
Result<TileRun> loadStrip(const HeadSource& source, HeadCache& heads, const TileStrip& strip,
                          const std::stop_token& loadStop, const std::stop_token& buildStop,
                          const ExactWindows* exact = nullptr);

} // namespace headwater
