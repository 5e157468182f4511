// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/row_reads.h"

#include "core/tiles/edge_query.h"

#include <algorithm>

namespace headwater {

namespace {

void takeTokens(const TokenRow& row, std::size_t most, ReadList& list)
{
    list.isHeld = true;
    list.tokenExact = true;
    list.numKept = row.keys.size();
    for (std::size_t i = 0; i < row.keys.size(); ++i) {
        list.keptMass += static_cast<double>(row.probability[i]);
        if (i < most)
            list.lines.push_back({row.keys[i], row.keys[i] + 1, row.keys[i], row.probability[i]});
    }
}

void takeBlocks(const std::vector<BlockEntry>& entries, const BlockGrid& grid, bool alongKeys,
                std::size_t most, ReadList& list)
{
    list.isHeld = true;
    list.blockQ = grid.blockQ;
    list.blockK = grid.blockK;
    list.numKept = entries.size();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const BlockEntry& entry = entries[i];
        list.keptMass += static_cast<double>(entry.mass);
        if (i >= most)
            continue;
        const std::uint32_t size = alongKeys ? grid.blockK : grid.blockQ;
        const std::uint32_t begin = (alongKeys ? entry.keyBlock : entry.queryBlock) * size;
        list.lines.push_back({begin, std::min(begin + size, grid.seqLen),
                              alongKeys ? entry.peakKey : entry.peakQuery, entry.mass});
    }
}

} // namespace

ReadList readRow(const TileSource& source, const Trace& trace, HeadId head, std::uint32_t row,
                 std::size_t most, const std::stop_token& stop)
{
    ReadList list;
    list.head = head;
    list.token = row;
    if (trace.hasTokenRow(row)) {
        const Result<TokenRow> exact = trace.loadTokenRow(head.layer, head.head, row);
        if (exact)
            takeTokens(*exact, most, list);
        else
            list.failure = exact.error();
    } else if (trace.hasEdges(head.layer, head.head)) {
        const auto edges = source.heads().loadEdges(head.layer, head.head, stop);
        if (edges)
            takeBlocks(rowEntries(**edges, row), (*edges)->grid, true, most, list);
        else
            list.failure = edges.error();
    }
    return list;
}

ReadList readColumn(const TileSource& source, const Trace& trace, HeadId head, std::uint32_t key,
                    std::size_t most, const std::stop_token& stop)
{
    ReadList list;
    list.head = head;
    list.token = key;
    if (!trace.hasEdges(head.layer, head.head))
        return list;
    const auto edges = source.heads().loadEdges(head.layer, head.head, stop);
    if (edges)
        takeBlocks(columnEntries(**edges, key), (*edges)->grid, false, most, list);
    else
        list.failure = edges.error();
    return list;
}

} // namespace headwater
