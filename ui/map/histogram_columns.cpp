// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/histogram_columns.h"

#include "core/base/log_code.h"

#include <algorithm>
#include <cmath>

namespace headwater {

double shareOfBar(double probability, bool logarithmic)
{
    const double share = logarithmic
        ? std::log(std::max(probability, kLowestOnBar) / kLowestOnBar) / std::log(1 / kLowestOnBar)
        : probability;
    return std::clamp(share, 0.0, 1.0);
}

std::vector<double> histogramColumns(const CodeHistogram& histogram, std::size_t columns, bool logarithmic)
{
    std::vector<double> heights(columns, 0);
    if (columns == 0)
        return heights;
    const double halfCode = std::sqrt(static_cast<double>(probabilityOfCode(2) / probabilityOfCode(1)));
    const std::size_t end = histogram.missed ? kUnknownCode : 256;
    const double last = static_cast<double>(columns);
    for (std::size_t code = 1; code < end; ++code) {
        if (histogram.ofCode[code] == 0)
            continue;
        const auto count = static_cast<double>(histogram.ofCode[code]);
        const auto middle = static_cast<double>(probabilityOfCode(static_cast<std::uint8_t>(code)));
        const double from = shareOfBar(middle / halfCode, logarithmic) * last;
        const double to = shareOfBar(std::min(1.0, middle * halfCode), logarithmic) * last;
        const auto first = static_cast<std::size_t>(std::min(from, last - 1));
        if (to - from < 1e-9) { // beyond the bar's end
            heights[first] += count;
            continue;
        }
        for (std::size_t i = first; i < columns && static_cast<double>(i) < to; ++i) {
            const auto left = static_cast<double>(i);
            heights[i] += count * (std::min(to, left + 1) - std::max(from, left)) / (to - from);
        }
    }
    return heights;
}

} // namespace headwater
