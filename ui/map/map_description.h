// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_reader.h"
#include "ui/map/cell_lookup.h"
#include "ui/state/map_look.h"

#include <QString>
#include <optional>

namespace headwater {

/// What a reader that cannot see the map is told of it: "layer 12 head 5, query 812331 'Paris', key 40213
/// 'capital', weight 0.41, block 3 of 128". The weight is always that of the pair it stands beside: with an
/// `answer` that is the largest of the asked cell, else `pair` has none.
QString mapDescription(const Trace& trace, HeadId head, MapMode mode, const TokenPair& pair,
                       const std::optional<CellAnswer>& answer);

} // namespace headwater
