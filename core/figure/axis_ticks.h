// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/colour_table.h"

#include <string>
#include <vector>

namespace headwater {

struct AxisTick {
    double value = 0;
    std::string label;
};

/// The least of 1, 2 and 5 times a power of ten that cuts [from, to] into `most` parts at most; 1 at least.
double tokenStep(double from, double to, std::size_t most);

/// Ticks at the multiples of `step` inside [from, to], labelled with thin spaces between thousands.
std::vector<AxisTick> tokenTicks(double from, double to, double step);

/// Ticks of a colour scale, low to high: powers of ten ("10⁻³") on a logarithmic one, round numbers on a
/// linear one; the ends are among them. A label is its value: "10⁻³", "0.02", "3.5·10⁻⁵", with as many digits
/// as it takes. An end that takes more than eight is rounded into the scale, at the low end up and at the
/// high end down, to the fewest digits, two or more, that tell it from the tick beside it: "≤" and "≥" before
/// it stay true.
std::vector<AxisTick> scaleTicks(const ScaleLimits& limits, std::size_t most);

/// Counts 1, 10, 100 … up to `capacity`.
std::vector<AxisTick> countTicks(double capacity);

} // namespace headwater
