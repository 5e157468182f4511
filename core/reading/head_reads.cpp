// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_reads.h"

#include "core/reading/each_head.h"
#include "core/reading/edge_query.h"
#include "core/reading/marked_sink.h"
#include "core/record/whole_row.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <tuple>

namespace headwater {

namespace {

HeadRead readOfTokens(const Trace& trace, const TokenRow& row, std::optional<std::uint32_t> key)
{
    const auto recorded = static_cast<std::uint32_t>(row.keys.size());
    HeadRead read{{row.layer, row.head}, 0, key.value_or(0), false, recorded};
    const std::span<const std::uint32_t> sinks = trace.sinks(row.layer, row.head);
    for (std::size_t i = 0; i < row.keys.size(); ++i) {
        if (key ? row.keys[i] != *key : isMarked(sinks, row.keys[i]))
            continue;
        return {read.head, row.probability[i], row.keys[i], true, recorded};
    }
    const HeadInfo* const info = trace.findHead(row.layer, row.head);
    read.isHeld = info && isListedWhole(row, shapeOf(*info));
    return read;
}

HeadRead readOfSession(const Trace& trace, const ExactRow& row, HeadId head,
                       const std::optional<std::uint32_t>& key)
{
    HeadRead read = readOfTokens(trace, row.tokens(head), key);
    if (const std::optional<float> given = key ? row.at(head, *key) : std::nullopt)
        return {head, *given, *key, true, read.recorded};
    read.isHeld = read.isHeld || row.isListedWhole(head);
    return read;
}

HeadRead readOfBlocks(const Trace& trace, HeadId head, const EdgeSlice& edges, const TokenPair& pair)
{
    HeadRead read{head, 0, pair.key.value_or(0)};
    const std::span<const std::uint32_t> sinks = trace.sinks(head.layer, head.head);
    for (const BlockEntry& entry : rowEntries(edges, *pair.query)) {
        const std::uint32_t begin = entry.keyBlock * edges.grid.blockK;
        const std::uint32_t end = begin + edges.grid.blockK;
        if (pair.key) {
            if (*pair.key >= begin && *pair.key < end)
                return {head, entry.mass, *pair.key, true, 0};
            continue;
        }
        const auto sink = std::lower_bound(sinks.begin(), sinks.end(), begin);
        if (sink == sinks.end() || *sink >= end)
            return {head, entry.mass, entry.peakKey, true, 0};
    }
    return read;
}

/// What the query block of the row says of one head; nothing where there are no edges to say it.
Result<std::optional<HeadRead>> readHead(const TraceReading& reading, const HeadInfo& info,
                                         const TokenPair& pair, const std::stop_token& stop)
{
    if (!reading.trace->hasEdges(info.layer, info.head))
        return std::optional<HeadRead>();
    const TokenRange row{*pair.query, *pair.query + 1};
    HEADWATER_TRY_ASSIGN(const auto edges, reading.heads->loadEdges(info.layer, info.head, row, stop));
    return std::optional(readOfBlocks(*reading.trace, {info.layer, info.head}, *edges, pair));
}

void rankByBlocks(const TraceReading& reading, const std::stop_token& stop, HeadReads& reads)
{
    const std::span<const HeadInfo> heads = reading.trace->heads();
    std::vector<Result<std::optional<HeadRead>>> answers(heads.size(), std::optional<HeadRead>());
    // Heads are chunks of their own, and decoding them is all of the work.
    const Result<void> asked = eachHead(
        heads.size(), [&](std::size_t i) { answers[i] = readHead(reading, heads[i], reads.pair, stop); },
        stop);
    if (!asked)
        return;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const HeadId head{heads[i].layer, heads[i].head};
        if (!answers[i]) {
            reads.failure = answers[i].error();
            reads.damagedHeads.push_back(head);
        } else if (*answers[i]) {
            reads.blockQ = std::max(reads.blockQ, heads[i].blockQ);
            reads.blockK = std::max(reads.blockK, heads[i].blockK);
            reads.heads.push_back(**answers[i]);
        } else {
            ++reads.unknownHeads;
        }
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

/// Where a row does not list the key, a window that holds the pair may.
void takePairs(const TraceReading& reading, HeadReads& reads)
{
    for (HeadRead& read : reads.heads) {
        if (read.isHeld)
            continue;
        const std::optional<float> given = exactPair(reading, read.head, *reads.pair.query, *reads.pair.key,
                                                     reads.source == RowSource::Rounded);
        read.isHeld = given.has_value();
        read.mass = given.value_or(0);
    }
}

} // namespace

HeadReads rankHeads(const TraceReading& reading, const TokenPair& pair, const std::stop_token& stop)
{
    HeadReads reads;
    reads.pair = pair;
    const auto given = reading.exactRows ? reading.exactRows->find(*pair.query) : nullptr;
    const bool isRecorded = reading.trace->hasTokenRow(*pair.query);
    if (given && (given->isExact || !isRecorded)) {
        reads.source = given->isExact ? RowSource::Exact : RowSource::Rounded;
        for (const HeadInfo& info : reading.trace->heads())
            reads.heads.push_back(readOfSession(*reading.trace, *given, {info.layer, info.head}, pair.key));
    } else if (isRecorded) {
        reads.source = RowSource::Recorded;
        rankByTokens(*reading.trace, stop, reads);
    } else {
        rankByBlocks(reading, stop, reads);
    }
    if (reads.ofTokens() && pair.key)
        takePairs(reading, reads);
    std::stable_sort(reads.heads.begin(), reads.heads.end(), [](const HeadRead& a, const HeadRead& b) {
        return std::tuple(-a.mass, a.head.layer, a.head.head)
            < std::tuple(-b.mass, b.head.layer, b.head.head);
    });
    return reads;
}

} // namespace headwater
