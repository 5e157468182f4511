// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tiles/colormap.h"
#include "core/tiles/colour_table.h"
#include "ui/state/map_look.h"
#include "ui/theme/theme.h"

#include <QRgb>
#include <array>

namespace headwater {

/// The colours of one picture: range, curve and colour map baked into one entry a code. Changing the range
/// makes a new table, never new tiles.
struct ColourLut {
    std::array<QRgb, 256> ofCode{}; ///< 0, nothing kept, is the ground; of missed mass it is none missed
    QRgb background = 0; ///< outside the map, the future, and what is not kept
    QRgb loading = 0; ///< not computed yet
    QRgb masked = 0; ///< hidden by the user
    QRgb hatch = 0; ///< lines over `masked` where a value is unknown
    QRgb border = 0; ///< mixed half into the edge of a cell that has a colour
    QRgb somewhere = 0; ///< lines over the ground of a kept block whose largest pair is elsewhere
    QRgb outline = 0; ///< the edge of a cell or block that shows the ground
    bool operator==(const ColourLut&) const = default;
};

CellQuantity cellQuantityOf(MapMode mode);
Colormap colormapOf(ColourScale::Map map);

/// The colour of a place on the scale. `unit`: 0 is the low end, 1 the high end. In the light theme scales
/// run from the ground to dark, so that nothing is louder than what there is.
QRgb colourOfUnit(ColourScale::Map map, double unit, bool dark);

/// Where a probability lies on the scale, clamped to [0, 1].
double unitOfProbability(const ColourScale& scale, double probability);

/// The table of a mode. `capacity`: blocks a cell of the drawn level can hold, for MapMode::Count.
ColourLut makeColourLut(const ColourScale& scale, MapMode mode, double capacity, const Theme& theme);

} // namespace headwater
