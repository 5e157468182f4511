// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/row_reads.h"

#include "ui/map/cell_lookup.h"

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
    list.tokenExact = profile.tokenExact;
    list.failure = std::move(profile.failure);
    list.isHeld = profile.tokenExact || trace.hasEdges(profile.head.layer, profile.head.head);
    list.numKept = profile.bars.size();
    const HeadInfo* const info = trace.findHead(list.head.layer, list.head.head);
    if (!list.tokenExact && info) {
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

ReadList readRow(const TileSource& source, const Trace& trace, HeadId head, std::uint32_t row,
                 std::size_t most, const std::stop_token& stop)
{
    return listOf(readRowProfile(source, trace, head, row, stop), trace, most);
}

ReadList readColumn(const TileSource& source, const Trace& trace, HeadId head, std::uint32_t key,
                    std::size_t most, const std::stop_token& stop)
{
    return listOf(readColumnProfile(source, trace, head, key, stop), trace, most);
}

} // namespace headwater
