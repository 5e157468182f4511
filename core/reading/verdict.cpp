// SPDX-License-Identifier: Apache-2.0
#include "core/reading/verdict.h"

#include "core/record/global_heads.h"

#include <set>

namespace headwater {

std::optional<Verdict> verdictOf(const Trace& trace)
{
    GlobalHeads global;
    std::set<int> finished;
    for (const HeadInfo& head : trace.heads()) {
        finished.insert(head.layer);
        if (head.kind == HeadKind::Global)
            global.add(head.rows, head.normaliser, head.statistics, head.pairs);
    }
    if (global.count() == 0)
        return std::nullopt;
    Verdict verdict;
    verdict.kept = global.keptMass();
    verdict.content = global.contentMass();
    verdict.keptFraction = global.keptFraction();
    verdict.isExact = !global.isSampled();
    verdict.probeRows = global.probeRows().value_or(trace.seqLen());
    verdict.heads = global.count();
    verdict.unknownHeads = global.unknown();
    verdict.finishedLayers = static_cast<int>(finished.size());
    verdict.layers = trace.numLayers();
    return verdict;
}

} // namespace headwater
