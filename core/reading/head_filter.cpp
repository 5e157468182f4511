// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_filter.h"

#include <algorithm>
#include <map>

namespace headwater {

std::vector<HeadId> filteredHeads(const Trace& trace, std::vector<HeadId> heads, const HeadFilter& filter,
                                  HeadOrder order, const HeadReads& reads)
{
    if (!filter.isActive())
        return heads;
    std::map<HeadId, float> read;
    for (const HeadRead& one : reads.heads)
        read[one.head] = one.mass;
    const auto readBy = [&read](HeadId head) {
        const auto found = read.find(head);
        return found == read.end() ? 0.0 : static_cast<double>(found->second);
    };
    const auto passes = [&](HeadId head) {
        if (head.layer < filter.firstLayer.value_or(head.layer)
            || head.layer > filter.lastLayer.value_or(head.layer))
            return false;
        if (filter.leastRead && !(readBy(head) >= *filter.leastRead))
            return false;
        if (!filter.least || order == HeadOrder::Layer)
            return true;
        const HeadInfo* const info = trace.findHead(head.layer, head.head);
        if (!info)
            return false;
        const double value =
            order == HeadOrder::SelectionMass ? readBy(head) : orderValue(order, *info, reads);
        return value >= *filter.least; // an unknown one is not
    };
    std::erase_if(heads, [&](HeadId head) { return !passes(head); });
    return heads;
}

} // namespace headwater
