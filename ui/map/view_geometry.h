// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/select/block_grid.h"
#include "core/tiles/tile.h"
#include "ui/state/view_state.h"

#include <QPointF>
#include <QRectF>
#include <QSize>
#include <QSizeF>
#include <cstdint>
#include <vector>

namespace headwater {

/// Where tokens are on screen. Pure functions of the viewport, all in double: at a million cells a float
/// cannot hold a position inside a cell. Units: device-independent pixels of the map's own area unless said
/// otherwise.

/// Token positions of a point: x is the key axis, y the query axis.
QPointF tokenAt(const MapViewport& viewport, const QPointF& pixel);
QPointF pixelAt(const MapViewport& viewport, double key, double query);

/// The viewport scaled by 1 / `factor` (> 1 zooms in) with the token under `anchor` staying where it is. The
/// scale is kept in `limits`, the anchor then still stands still.
struct ZoomLimits {
    double finest = 1.0 / 512; ///< tokens per pixel
    double coarsest = 1;
};
MapViewport zoomedAbout(const MapViewport& viewport, const QPointF& anchor, double factor,
                        const ZoomLimits& limits);

/// From 512 pixels a token to twice the whole map.
ZoomLimits zoomLimits(std::uint32_t seqLen, const QSizeF& size);

/// The centre of the view is kept on the map.
MapViewport kept(MapViewport viewport, std::uint32_t seqLen, const QSizeF& size);

/// The whole map, from its top left corner.
MapViewport wholeMap(std::uint32_t seqLen, const QSizeF& size);

/// The smallest view of a rectangle of tokens (x: keys, y: queries).
MapViewport viewOf(const QRectF& tokens, std::uint32_t seqLen, const QSizeF& size);

/// The level to draw: the coarsest that still has a cell for every device pixel, but none finer than the
/// blocks, below which a cell shows nothing new, and none coarser than the one that is a single tile.
std::uint32_t drawnLevel(double tokensPerPixel, double devicePixelRatio, const BlockGrid& grid);

/// The tiles of `level` that the view (or `around` views to each side more) shows, centre first; of head
/// `head`.
std::vector<TileKey> tilesInView(const MapViewport& viewport, const QSizeF& size, std::uint32_t seqLen,
                                 HeadId head, std::uint32_t level, double around = 0);

/// The coarser tiles that stand in until those of `tiles` are there: their ancestors two levels up and the
/// whole map's.
std::vector<TileKey> parentsOf(const std::vector<TileKey>& tiles, std::uint32_t seqLen);

/// Tokens [begin, end) of cell `index` of a level.
struct TokenSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const TokenSpan&) const = default;
};
TokenSpan cellTokens(std::uint32_t token, std::uint32_t level, std::uint32_t seqLen);

} // namespace headwater
