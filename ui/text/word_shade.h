// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/map_look.h"
#include "ui/theme/theme.h"

#include <QBrush>
#include <QColor>

namespace headwater {

/// A loss of as many nat, or more, has the full shade: the probability was 3e-4 at most.
inline constexpr double kFullLoss = 8;

/// How much of the full shade a loss has, in [0, 1]. Units: nat.
double shareOfLoss(double loss);

/// The ground behind a word with that share of the shade's colour; text stays legible on it.
QColor wordShade(const Theme& theme, ColourScale::Map map, double share);

/// The hatch behind a word whose loss is not known.
QBrush unknownShade(const Theme& theme);

} // namespace headwater
