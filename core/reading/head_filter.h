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
    bool onlyReaders = false; ///< heads that give the locked pair (or, without a key, any key but sinks) mass

    bool isActive() const { return firstLayer || lastLayer || least || onlyReaders; }
    bool operator==(const HeadFilter&) const = default;
};

/// The heads that pass, in the order given. `reads`: for `onlyReaders` and the order SelectionMass.
std::vector<HeadId> filteredHeads(const Trace& trace, std::vector<HeadId> heads, const HeadFilter& filter,
                                  HeadOrder order, const HeadReads& reads);

} // namespace headwater
