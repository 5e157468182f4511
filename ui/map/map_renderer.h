// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "core/record/block_grid.h"
#include "core/tiles/tile.h"
#include "ui/map/colour_lut.h"
#include "ui/state/map_look.h"

#include <QSize>
#include <QString>
#include <memory>
#include <span>
#include <vector>

class QPainter;

namespace headwater {

/// One tile place of the drawn level and what there is to fill it: the tile itself, an ancestor of it
/// (coarser, painted until the tile is there), or nothing.
struct TilePlacement {
    TileKey key;
    std::shared_ptr<const Tile> tile;
};

/// Where a session has given the pairs (below the block level).
struct ExactArea {
    TokenRange rows;
    TokenRange keys;
    bool isModel = true; ///< p_model; else p_stream
};

/// Everything a picture of the map is made of. Equal frames give equal pictures with every renderer.
struct MapFrame {
    MapViewport viewport;
    QSize size; ///< device-independent pixels
    double devicePixelRatio = 1;
    BlockGrid grid;
    std::uint32_t level = 0; ///< the drawn one; all placements have it
    MapMode mode = MapMode::Max;
    VisualMask mask;
    std::span<const std::uint32_t> sinks; ///< tokens hidden by mask.sinks
    ColourLut colours;
    std::vector<TilePlacement> tiles;
    std::vector<ExactArea> exact;
};

/// Draws the cells of a map. Nothing outside an implementation knows which one draws.
///
/// What every implementation paints, per device pixel (x, y), which covers the token rectangle
/// [k0, k1) × [q0, q1) with k0 = viewport.key + x · tokensPerPixel / devicePixelRatio and so on (the query
/// axis has a scale of its own):
/// 1. outside the map, or floor(k0) > ceil(q1) − 1 (the future): colours.background;
/// 2. no tile and no ancestor at the pixel's centre (where that is the future, of its row's diagonal):
///    colours.loading;
/// 3. all its cells hidden by the mask: colours.masked;
/// 4. otherwise by the largest code of the cells it touches, so that no cell is ever skipped (a masked cell
///    and one beyond the diagonal count as empty); mode Missed: unknown rows are hatched; mode Max below the
///    block level: an ancestor has no code, as its number is of some pair in a larger cell;
/// 5. mode Max: where there is no code and one of the cells is somewhere in a kept block (Tile::isSomewhere;
///    of an ancestor below the block level: anything is kept), the pixels with (x − y) mod kSomewherePeriod =
///    0 are colours.somewhere, the others ground;
/// 6. where cells (blocks below the block size) are at least 12 device pixels wide and high, the first pixel
///    row and column of each are a border: a colour darkened by half of colours.border, ground and hatch
///    colours.outline. In recorded rows (Tile::recorded) and in cells that an exact area holds whole the same
///    for cells of that size. Not in mode Missed.
class MapRenderer {
public:
    virtual ~MapRenderer() = default;
    virtual QString name() const = 0; ///< for the status bar: "CPU renderer"
    /// Makes the picture of a frame. Cost: O(device pixels).
    virtual void prepare(const MapFrame& frame) = 0;
    /// Paints the prepared picture at (0, 0); the painter's own scaling is the device pixel ratio alone.
    virtual void paint(QPainter& painter) const = 0;
};

/// From how many device pixels a cell or block gets a border.
inline constexpr double kBorderFromPixels = 12;
/// Device pixels from one line of the quiet hatch to the next.
inline constexpr int kSomewherePeriod = 6;

} // namespace headwater
