// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_record.h"
#include "core/record/head_statistics.h"
#include "core/select/head_tile.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// Rows of one head that are computed exactly whatever the selection: 16 strata of position, up to 64 rows
/// each, drawn without replacement; every head draws its own. Up to 1 024 tokens that is every row.
struct ProbePlan {
    std::uint32_t seqLen = 0;
    std::vector<std::uint32_t> rows; ///< ascending
    std::vector<std::uint32_t> stratum; ///< of each row

    static constexpr std::uint32_t kStrata = 16;
    static constexpr std::uint32_t kRowsAStratum = 64;
    std::uint32_t stratumBegin(std::uint32_t i) const
    {
        return static_cast<std::uint32_t>(std::uint64_t(seqLen) * i / kStrata);
    }
    std::uint32_t stratumSize(std::uint32_t i) const { return stratumBegin(i + 1) - stratumBegin(i); }
};
ProbePlan drawProbeRows(std::uint32_t seqLen, int layer, int head, std::uint64_t seed);

/// Copies the plan's rows of one tile into queries [plan rows, headDim]. Tiles touch different rows: any
/// thread may.
void collectProbeRows(const ProbePlan& plan, const QueryTile& tile, std::uint32_t headDim,
                      std::span<float> queries);

/// One probe row, true probabilities of the dense row (of these hidden states).
struct ProbeRow {
    std::uint32_t row = 0;
    float lse = 0;
    float kept = 0; ///< inside the blocks its query block keeps
    float missed = 0; ///< outside, accumulated apart
    float missedPeak = 0; ///< largest single one outside
    float content = 0; ///< kept, without token 0, the diagonal and the recent blocks
    float best = 0; ///< what the heaviest blocks of this row alone hold at the same number of blocks: recall
                    ///< = kept / best
};

/// Groups of plan rows that share one pass over the keys: the unit of work for threads.
inline constexpr std::uint32_t kProbeGroup = 128;
inline std::uint32_t numProbeGroups(const ProbePlan& plan)
{
    return static_cast<std::uint32_t>((plan.rows.size() + kProbeGroup - 1) / kProbeGroup);
}

/// Computes the plan rows [group · kProbeGroup, …) exactly and writes them to out [plan rows].
/// record: the whole head (firstRow 0), whose rowPtr and keyBlock say what is kept. Only global heads.
/// Cost: 2 · rows · keys · headDim FLOP; memory 1 KiB a key block.
void probeGroup(const HeadShape& shape, const KeyValues& head, const ProbePlan& plan,
                std::span<const float> queries, const HeadRecord& record, std::uint32_t group,
                std::span<ProbeRow> out);

/// Mean of one value of the probe rows over all rows of the head, with its 95 % interval: stratified mean,
/// variance with finite-population correction, Student's t with Satterthwaite's degrees of freedom. values:
/// [plan rows]. lo == hi where every row was drawn.
Interval stratifiedInterval(const ProbePlan& plan, std::span<const double> values);

/// What the probe rows say of the whole row of a head whose normaliser is kept, into its statistics: the
/// stratified mean and 95 % interval of their kept mass, cut to [0, 1]; p5 and min over them; the stratified
/// mean of their content. Nothing where there are none. probes: [plan rows].
void takeProbes(const ProbePlan& plan, std::span<const ProbeRow> probes, HeadStatistics& statistics);

/// The 97.5 % quantile of Student's t (expansion in 1 / degrees; error below 1 % from 3 degrees on).
double studentQuantile(double degrees);

} // namespace headwater
