// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "core/record/block_grid.h"
#include "core/record/head_id.h"
#include "core/record/token_pair.h"
#include "core/tiles/tile.h"
#include "ui/state/map_look.h"

#include <QPointF>
#include <QRectF>
#include <QSize>
#include <QSizeF>
#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// Where tokens are on screen. Pure functions of the viewport, all in double: at a million cells a float
/// cannot hold a position inside a cell. Units: device-independent pixels of the map's own area unless said
/// otherwise.

/// Token positions of a point: x is the key axis, y the query axis.
QPointF tokenAt(const MapViewport& viewport, const QPointF& pixel);
QPointF pixelAt(const MapViewport& viewport, double key, double query);

/// How far a map can be zoomed, and how its two scales part: the whole map fills its surface; each of the
/// first three octaves of zoom takes a third of that stretch away, from there on tokens are square.
struct ZoomLimits {
    double finest = 1.0 / 512; ///< tokens per pixel of the key axis
    double coarsest = 1;
    double whole = 1; ///< at which the whole map is shown
    double wholeStretch = 1; ///< MapViewport::stretch there
    double stretchAt(double tokensPerPixel) const;
};

/// The viewport scaled by 1 / `factor` (> 1 zooms in) with the token under `anchor` staying where it is. The
/// scale is kept in `limits`, the anchor then still stands still.
MapViewport zoomedAbout(const MapViewport& viewport, const QPointF& anchor, double factor,
                        const ZoomLimits& limits);

/// From 512 pixels a token to twice the whole map.
ZoomLimits zoomLimits(std::uint32_t seqLen, const QSizeF& size);

/// The centre of the view is kept on the map.
MapViewport kept(MapViewport viewport, std::uint32_t seqLen, const QSizeF& size);

/// A view of a scale with a place (tokens: x key, y query) in its middle.
MapViewport centredOn(const QPointF& token, double tokensPerPixel, const QSizeF& size,
                      const ZoomLimits& limits);

/// The whole map: it fills the surface, unless that is more than four times as long as wide.
MapViewport wholeMap(std::uint32_t seqLen, const QSizeF& size);

/// The smallest view of a rectangle of tokens (x: keys, y: queries).
MapViewport viewOf(const QRectF& tokens, std::uint32_t seqLen, const QSizeF& size);

/// From how many device pixels a block's inside is drawn: where its largest pair is, and what is known of the
/// others.
inline constexpr double kInsideFromPixels = 12;

/// The level to draw: the coarsest that still has a cell for every device pixel. While blocks are small on
/// screen none finer than them: each is one cell, of its largest pair. Close up down to single tokens, of
/// which each shows its own pair alone. None coarser than the level that is a single tile.
std::uint32_t drawnLevel(const MapViewport& viewport, double devicePixelRatio, const BlockGrid& grid);

/// The tiles of `level` that the view (or `around` views to each side more) shows, centre first; of head
/// `head`.
std::vector<TileKey> tilesInView(const MapViewport& viewport, const QSizeF& size, std::uint32_t seqLen,
                                 HeadId head, std::uint32_t level, double around = 0);

/// The coarser tiles that stand in until those of `tiles` are there: their ancestors two levels up and the
/// whole map's.
std::vector<TileKey> parentsOf(const std::vector<TileKey>& tiles, std::uint32_t seqLen);

/// Whether a token lies in one of some spans whose begins and ends ascend (they may overlap). Cost: O(log n).
bool isInSpans(std::span<const TokenRange> spans, std::uint32_t token);
/// Those of the cell of a level that holds `token`.
TokenRange cellTokens(std::uint32_t token, std::uint32_t level, std::uint32_t seqLen);

/// A pair in which one token has been replaced: the other goes when the two would be a query and its future.
TokenPair withQuery(TokenPair pair, std::uint32_t query);
TokenPair withKey(TokenPair pair, std::uint32_t key);

} // namespace headwater
