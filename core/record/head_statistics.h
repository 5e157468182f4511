// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace headwater {

/// Mean with its 95 % interval; lo == hi == mean where the number is exact.
struct Interval {
    double mean = 0;
    double lo = 0;
    double hi = 0;
};

/// Row-weighted statistics of one whole head (formulas: docs/trace_format.md). Unknown values are NaN.
struct HeadStatistics {
    Interval keptMass;
    double keptMassP5 = 0;
    double keptMassMin = 0;
    double contentMass = 0; ///< kept mass outside token 0, the diagonal and the recent blocks
    double entropy = 0; ///< nat; of the kept block masses plus the missed mass as one part
    double sinkShare = 0; ///< mass in block 0
    double meanDistance = 0; ///< sum p (t - j)
    double density = 0; ///< kept pairs / usable pairs
    std::uint32_t probeRows = 0;
};

/// Query-key pairs of a head that it could use (causal, inside the window), and which of them lie in kept
/// blocks.
struct PairCounts {
    std::uint64_t usable = 0;
    std::uint64_t kept = 0;
    std::uint64_t alwaysKept = 0; ///< in block 0, the diagonal and the recent block (global heads)
    std::uint64_t extra = 0; ///< in blocks kept beyond the budget
    std::uint64_t extraEdges = 0; ///< the number of those
};

} // namespace headwater
