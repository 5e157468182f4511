// SPDX-License-Identifier: Apache-2.0
#include "core/reading/profile.h"

#include "core/reading/edge_query.h"
#include "core/trace/head_row.h"

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

/// What a session gave of a key and every row that may read it; null: nothing, or not all.
std::shared_ptr<const ExactWindow> exactReaders(const TraceReading& reading, HeadId head, std::uint32_t key)
{
    const HeadInfo* const info = reading.trace->findHead(head.layer, head.head);
    if (!info || !reading.exact)
        return nullptr;
    return reading.exact->holding(head.layer, head.head, readersOf(shapeOf(*info), key), {key, key + 1});
}

void addReaders(const ExactWindow& window, const HeadInfo& info, std::uint32_t key, Profile& profile)
{
    profile.source = window.isExact ? RowSource::Exact : RowSource::Rounded;
    profile.isWhole = true;
    const TokenRange rows = readersOf(shapeOf(info), key);
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        profile.bars.push_back({{row, row + 1}, window.at(row, key), row});
}

} // namespace

TokenRange readersOf(const HeadShape& shape, std::uint32_t key)
{
    const std::uint32_t tokens = shape.grid.seqLen;
    return {key, shape.window == 0 ? tokens : std::min(tokens, key + shape.window)};
}

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
    const std::shared_ptr<const ExactWindow> given = exactReaders(reading, head, key);
    if (given) {
        addReaders(*given, *reading.trace->findHead(head.layer, head.head), key, profile);
    } else if (reading.trace->hasEdges(head.layer, head.head)) {
        if (const auto edges = reading.heads->loadEdges(head.layer, head.head, stop))
            addBars(columnEntries(**edges, key), (*edges)->grid, Along::Queries, profile);
        else
            profile.failure = edges.error();
    }
    return profile;
}

} // namespace headwater
