// SPDX-License-Identifier: Apache-2.0
#include "core/figure/label_spans.h"

#include <algorithm>

namespace headwater {

LabelSpan movedBetween(LabelSpan span, double from, double to)
{
    const double length = span.to - span.from;
    const double first = std::max(from, std::min(span.from, to - length));
    return {first, first + length};
}

std::vector<std::size_t> takeApart(std::span<const LabelSpan> spans, double gap)
{
    std::vector<std::size_t> taken;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const bool isFree = std::all_of(taken.begin(), taken.end(), [&](std::size_t other) {
            return spans[i].to + gap <= spans[other].from || spans[other].to + gap <= spans[i].from;
        });
        if (isFree)
            taken.push_back(i);
    }
    return taken;
}

} // namespace headwater
