// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_reads.h"

#include "core/reading/edge_query.h"

#include <algorithm>
#include <tuple>

namespace headwater {

namespace {

bool isSink(std::span<const std::uint32_t> sinks, std::uint32_t key)
{
    return std::binary_search(sinks.begin(), sinks.end(), key);
}

HeadRead readOfTokens(const Trace& trace, const TokenRow& row, std::optional<std::uint32_t> key)
{
    HeadRead read{{row.layer, row.head}, 0, key.value_or(0), false};
    const std::span<const std::uint32_t> sinks = trace.sinks(row.layer, row.head);
    for (std::size_t i = 0; i < row.keys.size(); ++i) {
        if (key ? row.keys[i] != *key : isSink(sinks, row.keys[i]))
            continue;
        return {read.head, row.probability[i], row.keys[i], true};
    }
    // A row that is there whole gives exactly nothing to the keys it does not list.
    read.isHeld = row.keys.size() == row.row + std::size_t{1};
    return read;
}

HeadRead readOfBlocks(const Trace& trace, HeadId head, const EdgeSlice& edges, const TokenPair& pair)
{
    HeadRead read{head, 0, pair.key.value_or(0), false};
    const std::span<const std::uint32_t> sinks = trace.sinks(head.layer, head.head);
    for (const BlockEntry& entry : rowEntries(edges, *pair.query)) {
        const std::uint32_t begin = entry.keyBlock * edges.grid.blockK;
        const std::uint32_t end = begin + edges.grid.blockK;
        if (pair.key) {
            if (*pair.key >= begin && *pair.key < end)
                return {head, entry.mass, *pair.key, true};
            continue;
        }
        const auto sink = std::lower_bound(sinks.begin(), sinks.end(), begin);
        if (sink == sinks.end() || *sink >= end)
            return {head, entry.mass, entry.peakKey, true};
    }
    return read;
}

void rankByBlocks(const TraceReading& reading, const std::stop_token& stop, HeadReads& reads)
{
    const Trace& trace = *reading.trace;
    const TokenRange row{*reads.pair.query, *reads.pair.query + 1};
    for (const HeadInfo& info : trace.heads()) {
        if (stop.stop_requested())
            return;
        if (!trace.hasEdges(info.layer, info.head)) {
            ++reads.unknownHeads;
            continue;
        }
        const auto edges = reading.heads->loadEdges(info.layer, info.head, row, stop);
        if (!edges) {
            reads.failure = edges.error();
            reads.damagedHeads.push_back({info.layer, info.head});
            continue;
        }
        reads.blockQ = std::max(reads.blockQ, info.blockQ);
        reads.blockK = std::max(reads.blockK, info.blockK);
        reads.heads.push_back(readOfBlocks(trace, {info.layer, info.head}, **edges, reads.pair));
    }
}

void rankByTokens(const Trace& trace, const std::stop_token& stop, HeadReads& reads)
{
    const std::uint32_t query = *reads.pair.query;
    if (const Result<std::vector<TokenRow>> rows = trace.loadTokenRows(query)) {
        for (const TokenRow& row : *rows)
            reads.heads.push_back(readOfTokens(trace, row, reads.pair.key));
        return;
    }
    // Something of this row is damaged: what is not is read head by head.
    for (const HeadInfo& info : trace.heads()) {
        if (stop.stop_requested())
            return;
        const Result<TokenRow> row = trace.loadTokenRow(info.layer, info.head, query);
        if (row) {
            reads.heads.push_back(readOfTokens(trace, *row, reads.pair.key));
        } else {
            reads.failure = row.error();
            reads.damagedHeads.push_back({info.layer, info.head});
        }
    }
}

} // namespace

HeadReads rankHeads(const TraceReading& reading, const TokenPair& pair, const std::stop_token& stop)
{
    HeadReads reads;
    reads.pair = pair;
    reads.tokenExact = reading.trace->hasTokenRow(*pair.query);
    if (reads.tokenExact)
        rankByTokens(*reading.trace, stop, reads);
    else
        rankByBlocks(reading, stop, reads);
    std::stable_sort(reads.heads.begin(), reads.heads.end(), [](const HeadRead& a, const HeadRead& b) {
        return std::tuple(-a.mass, a.head.layer, a.head.head)
            < std::tuple(-b.mass, b.head.layer, b.head.head);
    });
    return reads;
}

} // namespace headwater
