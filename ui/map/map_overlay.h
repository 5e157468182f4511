// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/known_pair.h"
#include "core/record/token_pair.h"
#include "ui/map/map_renderer.h"
#include "ui/state/map_look.h"
#include "ui/theme/theme.h"

#include <QRectF>
#include <QSizeF>
#include <QString>
#include <span>

class QPainter;

namespace headwater {

/// The cross-hair of a pair: the query's row amber, the key's column cyan, their meeting boxed. Lines while
/// tokens are small, outlined bands once they are not. `strength`: 1 for the locked pair, less for a hovered
/// one. `isBoxed`: false where the pair has no number of its own (its block is framed then).
void paintCross(QPainter& painter, const MapViewport& viewport, const QSizeF& size, std::uint32_t seqLen,
                const TokenPair& pair, double strength, bool isBoxed, const Theme& theme);

/// The dashed frame of a block in which a pair is, and what it means, where there is room.
void paintSomewhere(QPainter& painter, const MapViewport& viewport, const KnownPair::Block& block,
                    double strength, const Theme& theme);

/// Where a pair of tokens is, at least one pixel.
QRectF tokenRect(const MapViewport& viewport, const TokenPair& pair);

/// The rubber band of a box zoom.
void paintZoomBox(QPainter& painter, const QRectF& box, const Theme& theme);

/// The keyboard's place.
void paintFocus(QPainter& painter, const QRectF& area, const Theme& theme);

/// Frames what a session has given (of one quantity) where the map's numbers around it are of another, and
/// names it inside the largest area in view that has room for the word. Cost: O(areas²).
void paintExactAreas(QPainter& painter, const MapViewport& viewport, std::span<const ExactArea> areas,
                     const QString& quantity, const Theme& theme);

} // namespace headwater
