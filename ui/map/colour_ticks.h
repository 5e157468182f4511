// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/map_look.h"

#include <QString>
#include <vector>

namespace headwater {

/// A mark under the colour bar.
struct ColourTick {
    double place = 0; ///< along the bar, from 0 to 1
    QString label; ///< empty: a mark without a number
};

/// Decades of a logarithmic bar (1e-6 to 1), quarters of a linear one, and of counts 0, 1, powers of ten and
/// the most a cell of `capacity` blocks holds.
std::vector<ColourTick> colourTicks(MapMode mode, bool logarithmic, double capacity);

} // namespace headwater
