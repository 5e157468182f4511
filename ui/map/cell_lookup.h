// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/edge_query.h"
#include "core/reading/known_pair.h"
#include "core/tiles/tile_source.h"
#include "ui/map/map_renderer.h"
#include "ui/map/view_geometry.h"

#include <QPointF>
#include <optional>
#include <stop_token>

namespace headwater {

/// A cell of the drawn level by the tokens it covers.
struct MapCell {
    std::uint32_t level = 0;
    TokenRange queries;
    TokenRange keys;
    bool operator==(const MapCell&) const = default;
};

/// True where both tokens of a pair are told and lie in the cell.
bool holds(const MapCell& cell, const TokenPair& pair);

/// The cell whose colour the pixel at `point` (device-independent) shows: of those the pixel touches, the one
/// with the largest code; cells that the mask hides come last. Nothing outside the map and in the future.
std::optional<MapCell> cellAt(const MapFrame& frame, const QPointF& point);

/// What is known of a cell, from the edges and the recorded rows themselves.
struct CellAnswer {
    HeadId head;
    MapCell cell;
    bool known = false; ///< false: the trace does not hold this head's edges, or they could not be read
    /// Below the block level: the pair of the cell that says most (mostKnownPair); where it is a single pair,
    /// what is known of that.
    std::optional<KnownPair> pair;
    /// The kept block with the largest pair of those in the cell; below the block level the one that holds
    /// `pair`. None: nothing is kept there.
    std::optional<CellEdge> edge;
    float notKept = 0; ///< without an edge, from the block level on: bounds every pair; NaN where unknown
    float missed =
        0; ///< missed mass of the edge's row (of the cell's first row without one), NaN where unknown
    float missedMost = 0; ///< largest missed mass of the cell's rows, NaN where any is unknown
    std::uint32_t missedRow = 0; ///< the row that misses most (the first unknown one)
    std::optional<Error> failure;

    /// Whether a number is shown for this very pair, or only for a block that holds it.
    bool isSomewhere() const { return pair && pair->state == KnownPair::State::InBlock; }
};

/// For worker threads: reads and decodes what is not in the cache (until `stop`, which is a failure then).
/// Cost: O(rows of the cell · log edges); below the block level O(pairs of the cell · log edges).
CellAnswer lookUpCell(const TileSource& source, const Trace& trace, HeadId head, const MapCell& cell,
                      const std::stop_token& stop = {});

} // namespace headwater
