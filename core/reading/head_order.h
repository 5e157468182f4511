// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/head_reads.h"

#include <optional>
#include <string_view>
#include <vector>

namespace headwater {

/// What the heads are ordered by.
enum class HeadOrder {
    Layer,
    KeptMass,
    Content,
    Entropy,
    SinkShare,
    MeanDistance,
    Density,
    SelectionMass ///< what the locked row gives to the locked key
};

/// "layer", "kept_mass", "content", "entropy", "sink_share", "mean_distance", "density", "selection".
std::optional<HeadOrder> headOrderNamed(std::string_view name);

/// Every head of the model by layer and number, finished or not.
std::vector<HeadId> headsByLayer(const Trace& trace);

/// The number a finished head is ordered by; NaN where it is unknown. `reads`: for SelectionMass.
double orderValue(HeadOrder order, const HeadInfo& info, const HeadReads& reads);

/// The finished heads by falling (or rising) value, unknown ones last, ties by layer and head. `Layer` is
/// headsByLayer, reversed where falling. Cost: O(n log n).
std::vector<HeadId> orderedHeads(const Trace& trace, HeadOrder order, bool isFalling, const HeadReads& reads);

} // namespace headwater
