// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"

#include <cstdint>

namespace headwater {

/// Observed: dense forward, masks only recorded. Propagated: every layer attends over its own mask.
enum class Propagation { Auto, Observed, Propagated };

/// Which key of a half interval `stream` probes: the first block of it, or its middle token.
enum class StreamProbe { First, Middle };

struct SelectParams {
    Selection selection = Selection::Auto;
    Propagation propagation = Propagation::Auto;
    std::uint32_t blockQ = 0; ///< 0: defaultGrid()
    std::uint32_t blockK = 0;
    std::uint32_t keepKeys =
        512; ///< budget a row in keys; K = max(ceil(keepKeys / blockK), the always-kept blocks)
    /// Extras: blocks in which a row gives one key p >= keepPeak; negative: 0.1 observed, 0 propagated. Needs
    /// whole rows, which propagated `tree` and `stream` do not see.
    float keepPeak = -1;
    std::uint32_t treeLevels = 0; ///< 0: L = max(1, ceil(log32(T/32)))
    std::uint32_t beam = 16; ///< W: nodes a row keeps at each inner level
    std::uint32_t open = 1024; ///< M: causal keys a row opens
    StreamProbe probe = StreamProbe::First;
    std::uint64_t seed = 0x48575452; ///< of k-means and of the probe rows; each head derives its own
};

} // namespace headwater
