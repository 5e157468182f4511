// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/heads/head_reads.h"

#include <span>
#include <vector>

namespace headwater {

/// What the heads are ordered by.
enum class HeadOrder { Layer, KeptMass, Entropy, SinkShare, MeanDistance, Density, SelectionMass };

/// "layer", "kept_mass", "entropy", "sink_share", "mean_distance", "density", "selection".
std::optional<HeadOrder> headOrderNamed(const QString& name);

/// Every head of the model by layer and number, finished or not.
std::vector<HeadId> headsByLayer(const Trace& trace);

/// The number a finished head is ordered by; NaN where it is unknown. `reads`: for SelectionMass.
double orderValue(HeadOrder order, const HeadInfo& info, const HeadReads& reads);

/// "96.4 %": the kept mass of a head as all lists show it, at its interval's decimals where it has one.
QString keptMassText(const Interval& kept);

/// That number as people read it: "96.4 %", "3.21 nat", "1 204", "0.412"; "unknown".
QString orderValueText(HeadOrder order, const HeadInfo& info, double value);

/// The finished heads by falling (or rising) value, unknown ones last, ties by layer and head. `Layer` is
/// headsByLayer, reversed where falling. Cost: O(n log n).
std::vector<HeadId> orderedHeads(const Trace& trace, HeadOrder order, bool isFalling, const HeadReads& reads);

} // namespace headwater
