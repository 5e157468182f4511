// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/head_order.h"

#include <optional>
#include <vector>

namespace headwater {

/// Which heads the grid shows.
struct HeadFilter {
    std::optional<int> firstLayer;
    std::optional<int> lastLayer;
    /// Least value of what the heads are ordered by, in that quantity's own unit; nothing by layer. A head
    /// whose value is unknown has no such value.
    std::optional<double> least;
    /// Heads whose row gives at least this share of itself to the locked key (or, without one, to any key but
    /// sinks), by what is known of it: a whole row gives every key something, so that more than nothing tells
    /// no head from another.
    std::optional<double> leastRead;
    static constexpr double kLeastRead = 0.01; ///< unless another is asked for

    bool isActive() const { return firstLayer || lastLayer || least || leastRead; }
    bool operator==(const HeadFilter&) const = default;
};

/// The heads that pass, in the order given. `reads`: for `leastRead` and the order SelectionMass.
std::vector<HeadId> filteredHeads(const Trace& trace, std::vector<HeadId> heads, const HeadFilter& filter,
                                  HeadOrder order, const HeadReads& reads);

} // namespace headwater
