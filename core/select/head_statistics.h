// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"
#include "core/select/probe_rows.h"

#include <span>

namespace headwater {

/// The statistics of one whole head (record.firstRow 0, all its rows). T rows; Q a query block of n_Q rows;
/// m(Q, B) the recorded mass of an edge; sums over Q are weighted by n_Q / T, so that every row counts once.
///   keptMass     normaliser exact: sum m(Q, B), lo = hi = mean; p5 and min over the rows of 1 - missed.
///                normaliser kept: stratified mean and 95 % interval of the probe rows' true kept mass, cut
///                to [0, 1]; p5 and min over the probe rows. NaN without probe rows.
///   contentMass  exact: sum m(Q, B) over the blocks that are not always kept, and block 0 without token 0
///   where block 0
///                is neither recent nor diagonal. kept: stratified mean of the probe rows' content. Sliding
///                heads: 0.
///   entropy      - sum m ln m over the edges and, where it is known, the block's mean missed mass as one
///   part (nat). sinkShare    sum m(Q, 0). meanDistance sum m(Q, B) d(Q, B), d the mean of t - j over the
///   causal (and windowed) pairs of the two blocks. density      kept pairs / usable pairs.
/// entropy, sinkShare and meanDistance follow the normaliser: true probabilities or shares of the kept keys.
/// probes: [plan rows] or empty; only looked at where the normaliser is kept.
HeadStatistics headStatistics(const HeadShape& shape, const HeadRecord& record, const ProbePlan& plan,
                              std::span<const ProbeRow> probes);

/// Mean of t - j over the pairs of a query block and a key block that the head may use; 0 where there is
/// none.
double meanDistanceOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock);

} // namespace headwater
