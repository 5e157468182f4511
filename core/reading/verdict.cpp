// SPDX-License-Identifier: Apache-2.0
#include "core/reading/verdict.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace headwater {

std::optional<Verdict> verdictOf(const Trace& trace)
{
    double rows = 0;
    double mean = 0;
    double variance = 0;
    double content = 0;
    Verdict verdict;
    verdict.layers = trace.numLayers();
    verdict.probeRows = trace.seqLen();
    std::set<int> finished;
    for (const HeadInfo& head : trace.heads()) {
        finished.insert(head.layer);
        if (head.kind != HeadKind::Global)
            continue;
        const Interval& kept = head.statistics.keptMass;
        const double half = std::max(kept.hi - kept.mean, kept.mean - kept.lo);
        rows += head.rows;
        mean += head.rows * kept.mean;
        variance += std::pow(head.rows * half, 2); // each head has its own probe rows: independent
        content += head.rows * head.statistics.contentMass;
        verdict.unknownHeads += std::isnan(kept.mean) ? 1 : 0;
        if (head.normaliser != Normaliser::Exact) {
            // Without a width every row of the prompt is a probe row; an unknown width (NaN) is not none.
            verdict.isExact = verdict.isExact && kept.lo >= kept.hi;
            verdict.probeRows = std::min(verdict.probeRows, head.statistics.probeRows);
        }
        ++verdict.heads;
    }
    verdict.finishedLayers = static_cast<int>(finished.size());
    if (verdict.heads == 0 || rows <= 0)
        return std::nullopt;
    const double half = verdict.isExact ? 0 : std::sqrt(variance) / rows;
    verdict.kept = {mean / rows, mean / rows - half, mean / rows + half};
    verdict.content = content / rows;
    return verdict;
}

} // namespace headwater
