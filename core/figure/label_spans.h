// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace headwater {

/// What a label takes of the line that it stands on, in mm.
struct LabelSpan {
    double from = 0;
    double to = 0;
};

/// The span moved, where it sticks out, to lie between two places; its length stays.
LabelSpan movedBetween(LabelSpan span, double from, double to);

/// Which labels can be drawn so that there is `gap` between any two: each in turn, but for those that come
/// too near to one already taken. So the first are the most important ones. Returns their indices, in that
/// order.
std::vector<std::size_t> takeApart(std::span<const LabelSpan> spans, double gap);

} // namespace headwater
