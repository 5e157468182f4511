// SPDX-License-Identifier: Apache-2.0
#include "core/reading/profile.h"

#include "core/reading/edge_query.h"

#include <algorithm>

namespace headwater {
namespace {

enum class Along { Keys, Queries };

void addBars(std::vector<BlockEntry> entries, const BlockGrid& grid, Along along, Profile& profile)
{
    const bool isRow = along == Along::Keys;
    profile.block = isRow ? grid.blockQ : grid.blockK;
    std::ranges::sort(entries, {}, isRow ? &BlockEntry::keyBlock : &BlockEntry::queryBlock);
    for (const BlockEntry& entry : entries) {
        const std::uint32_t size = isRow ? grid.blockK : grid.blockQ;
        const std::uint32_t begin = (isRow ? entry.keyBlock : entry.queryBlock) * size;
        profile.bars.push_back({{begin, std::min(begin + size, grid.seqLen)},
                                entry.mass,
                                isRow ? entry.peakKey : entry.peakQuery});
    }
}

void addTokens(const RowTokens& tokens, Profile& profile)
{
    const TokenRow& row = tokens.row;
    profile.source = tokens.source;
    profile.isWhole = tokens.isWhole;
    for (std::size_t i = 0; i < row.keys.size(); ++i)
        profile.bars.push_back({{row.keys[i], row.keys[i] + 1}, row.probability[i], row.keys[i]});
    std::ranges::sort(profile.bars, {}, &Profile::Bar::at);
}

} // namespace

Profile readRowProfile(const TraceReading& reading, HeadId head, std::uint32_t row,
                       const std::stop_token& stop)
{
    Profile profile;
    profile.head = head;
    profile.token = row;
    const Result<std::optional<RowTokens>> tokens = rowTokens(reading, head, row);
    if (!tokens) {
        profile.failure = tokens.error();
    } else if (*tokens) {
        addTokens(**tokens, profile);
    } else if (reading.trace->hasEdges(head.layer, head.head)) {
        if (const auto edges =
                reading.heads->loadEdges(head.layer, head.head, TokenRange{row, row + 1}, stop))
            addBars(rowEntries(**edges, row), (*edges)->grid, Along::Keys, profile);
        else
            profile.failure = edges.error();
    }
    return profile;
}

Profile readColumnProfile(const TraceReading& reading, HeadId head, std::uint32_t key,
                          const std::stop_token& stop)
{
    Profile profile;
    profile.head = head;
    profile.token = key;
    if (reading.trace->hasEdges(head.layer, head.head)) {
        if (const auto edges = reading.heads->loadEdges(head.layer, head.head, stop))
            addBars(columnEntries(**edges, key), (*edges)->grid, Along::Queries, profile);
        else
            profile.failure = edges.error();
    }
    return profile;
}

} // namespace headwater
