// SPDX-License-Identifier: Apache-2.0
#include "core/reading/read_list.h"

#include "core/reading/profile.h"

#include <algorithm>
#include <utility>

namespace headwater {

namespace {

/// The profile beside the map as a list, heaviest first.
ReadList listOf(Profile profile, const Trace& trace, std::size_t most)
{
    ReadList list;
    list.head = profile.head;
    list.token = profile.token;
    list.source = profile.source;
    list.failure = std::move(profile.failure);
    list.isHeld = profile.ofTokens() || trace.hasEdges(profile.head.layer, profile.head.head);
    list.numKept = profile.bars.size();
    const HeadInfo* const info = trace.findHead(list.head.layer, list.head.head);
    if (!list.ofTokens() && info) {
        list.blockQ = info->blockQ;
        list.blockK = info->blockK;
    }
    std::stable_sort(profile.bars.begin(), profile.bars.end(),
                     [](const Profile::Bar& a, const Profile::Bar& b) { return a.value > b.value; });
    for (const Profile::Bar& bar : profile.bars) {
        list.keptMass += static_cast<double>(bar.value);
        if (list.lines.size() < most)
            list.lines.push_back({bar.tokens.begin, bar.tokens.end, bar.at, bar.value});
    }
    return list;
}

} // namespace

ReadList readRow(const TraceReading& reading, HeadId head, std::uint32_t row, std::size_t most,
                 const std::stop_token& stop)
{
    return listOf(readRowProfile(reading, head, row, stop), *reading.trace, most);
}

ReadList readColumn(const TraceReading& reading, HeadId head, std::uint32_t key, std::size_t most,
                    const std::stop_token& stop)
{
    return listOf(readColumnProfile(reading, head, key, stop), *reading.trace, most);
}

} // namespace headwater
