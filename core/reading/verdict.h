// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <optional>

namespace headwater {

/// How far a map can be trusted, in numbers: what share of the attention of its global heads it holds.
struct Verdict {
    Interval kept; ///< row-weighted mean over the global heads; lo == hi == mean when exact; NaN when unknown
    double content = 0; ///< the same without token 0, the diagonal and the recent blocks; NaN when unknown
    double keptFraction = 0; ///< of the pairs that the global heads could use; NaN where there are none
    bool isExact = true; ///< no interval: every row was measured
    std::uint32_t probeRows = 0; ///< rows measured of a head, the fewest; all of them by the whole rows
    int heads = 0; ///< global heads it is the mean of
    int unknownHeads = 0; ///< of them without a measured kept mass
    int finishedLayers = 0; ///< layers that have heads; fewer than `layers` while a run goes on
    int layers = 0;

    bool isComplete() const { return finishedLayers >= layers; }
};

/// Nothing while no global head is finished.
std::optional<Verdict> verdictOf(const Trace& trace);

} // namespace headwater
