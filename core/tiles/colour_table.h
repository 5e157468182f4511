// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/colormap.h"

#include <array>
#include <cstdint>

namespace headwater {

/// What of a cell a picture shows.
enum class CellQuantity { Max, Count, Missed };

/// The ends of a colour scale, in the quantity's unit (probabilities; counts have ends of their own).
struct ScaleLimits {
    double low = 1e-4;
    double high = 1.0;
    bool isLogarithmic = true;
    bool operator==(const ScaleLimits&) const = default;
};

/// Where a value lies between the ends, clamped to [0, 1]. The low end of a logarithmic scale is at least
/// 2^-24.
double unitOfValue(const ScaleLimits& limits, double value);
/// The value at a place on the scale: the inverse inside [0, 1].
double valueOfUnit(const ScaleLimits& limits, double unit);

/// Where a number of edges lies between none and the most a cell of `capacity` blocks can hold (logarithmic;
/// one edge lies a step above none).
double unitOfEdgeCount(double count, double capacity);
/// The number at a place on that scale: its inverse from one edge on, below that none.
double edgeCountOfUnit(double unit, double capacity);

/// The colour of every log code: what window and figure index with a tile's bytes, so that both show the same
/// colours. Entry 0 is the low end: of missed mass; where nothing is kept,
/// whoever draws shows the ground instead. `capacity` matters for counts only. Unknown missed mass
/// has no colour: whoever draws hatches kUnknownCode. Shape: [256].
std::array<Rgb, 256> colourTable(Colormap map, bool isReversed, const ScaleLimits& limits,
                                 CellQuantity quantity, double capacity);

} // namespace headwater
