// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_sums.h"
#include "core/select/probe_rows.h"

#include <span>

namespace headwater::test {

inline HeadSums sumsOf(const HeadRecord& record)
{
    HeadSums sums(record.shape(), record.normaliser, record.numRows);
    sums.add(record);
    return sums;
}

/// The statistics of a whole record, as a run stores them.
inline HeadStatistics statisticsOf(const HeadRecord& record, const ProbePlan& plan = {},
                                   std::span<const ProbeRow> probes = {})
{
    HeadStatistics statistics = sumsOf(record).statistics();
    if (record.normaliser == Normaliser::Kept)
        takeProbes(plan, probes, statistics);
    return statistics;
}

} // namespace headwater::test
