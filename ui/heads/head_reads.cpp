// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_reads.h"

#include "core/reading/edge_query.h"

#include <algorithm>
#include <tuple>

namespace headwater {

namespace {

/// Bytes of one decoded edge: key block, mass, peak and place.
constexpr std::uint64_t kEdgeBytes = 10;
/// All heads of a trace up to this size stay decoded; larger ones would only push out what the map needs.
constexpr std::uint64_t kKeptBytes = std::uint64_t{192} << 20;

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

HeadRead readOfBlocks(const Trace& trace, HeadId head, const HeadEdges& edges, const TokenPair& pair)
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

void rankByBlocks(const TileSource& source, const Trace& trace, const std::stop_token& stop, HeadReads& reads)
{
    std::uint64_t bytes = 0;
    for (const HeadInfo& info : trace.heads())
        bytes += info.edges * kEdgeBytes;
    for (const HeadInfo& info : trace.heads()) {
        if (stop.stop_requested())
            return;
        if (!trace.hasEdges(info.layer, info.head)) {
            ++reads.unknownHeads;
            continue;
        }
        std::shared_ptr<const HeadEdges> edges = source.heads().findEdges(info.layer, info.head);
        if (!edges) {
            auto loaded = bytes <= kKeptBytes ? source.heads().loadEdges(info.layer, info.head, stop)
                                              : trace.loadEdges(info.layer, info.head, stop);
            if (!loaded) {
                reads.failure = loaded.error();
                reads.damagedHeads.push_back({info.layer, info.head});
                continue;
            }
            edges = *loaded;
        }
        reads.blockQ = std::max(reads.blockQ, edges->grid.blockQ);
        reads.blockK = std::max(reads.blockK, edges->grid.blockK);
        reads.heads.push_back(readOfBlocks(trace, {info.layer, info.head}, *edges, reads.pair));
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

QString headLabel(HeadId head)
{
    return QStringLiteral("L%1 · H%2").arg(head.layer).arg(head.head);
}

HeadReads rankHeads(const TileSource& source, const Trace& trace, const TokenPair& pair,
                    const std::stop_token& stop)
{
    HeadReads reads;
    reads.pair = pair;
    reads.tokenExact = trace.hasTokenRow(*pair.query);
    if (reads.tokenExact)
        rankByTokens(trace, stop, reads);
    else
        rankByBlocks(source, trace, stop, reads);
    std::stable_sort(reads.heads.begin(), reads.heads.end(), [](const HeadRead& a, const HeadRead& b) {
        return std::tuple(-a.mass, a.head.layer, a.head.head)
            < std::tuple(-b.mass, b.head.layer, b.head.head);
    });
    return reads;
}

} // namespace headwater
