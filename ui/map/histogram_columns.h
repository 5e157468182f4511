// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/code_histogram.h"

#include <cstddef>
#include <vector>

namespace headwater {

/// Left end of the logarithmic colour bar.
inline constexpr double kLowestOnBar = 1e-6;

/// Where a probability lies along the colour bar, from 0 to 1: of its logarithm from 1e-6 on, or of itself.
double shareOfBar(double probability, bool logarithmic);

/// The histogram over `columns` equal parts of the colour bar. A code stands for all probabilities of its
/// interval (6.8 % wide), so its count is spread over what the interval covers: neither gaps nor spikes that
/// the data do not have. What lies left of the bar is in the first column. Sum: all codes but "nothing" and
/// "unknown".
std::vector<double> histogramColumns(const CodeHistogram& histogram, std::size_t columns, bool logarithmic);

} // namespace headwater
