// SPDX-License-Identifier: Apache-2.0
#include "core/reading/place_reads.h"

#include "core/reading/each_head.h"
#include "core/reading/listed_rows.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace headwater {
namespace {

/// Everything a place asks of its rows is known token by token.
bool isKnownByTokens(const SpanKnowledge& known, TokenRange rows, const Place& place)
{
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        if (!known.isListed(row, place.keys.value_or(TokenRange{0, row + 1})))
            return false;
    return true;
}

HeadPlace placeOf(const Trace& trace, const HeadInfo& info, const SpanKnowledge& known, const Place& place)
{
    HeadPlace read{{info.layer, info.head}, std::nullopt, std::nullopt, blockQuantity(trace, info)};
    const TokenRange rows = place.tellingRows(trace.seqLen());
    if (!known.edges && !isKnownByTokens(known, rows, place))
        return read;
    if (place.keys) {
        read.mass = knownMass(known, rows, *place.keys);
    } else {
        const KnownLargest largest = knownLargest(known, rows.begin, trace.sinks(info.layer, info.head));
        read.mass = largest.p;
        if (largest.p.lower > 0)
            read.key = largest.key;
    }
    if (read.mass->ofWholeRow)
        read.quantity = tokenRowQuantity(trace);
    return read;
}

} // namespace

std::vector<std::size_t> PlaceReads::heaviestFirst() const
{
    std::vector<std::size_t> order(heads.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto rank = [&](std::size_t i) {
        const std::optional<KnownMass>& mass = heads[i].mass;
        if (!mass)
            return std::tuple(2, 0.0, 0.0);
        const bool isNone = mass->state == KnownMass::State::None;
        return std::tuple(isNone ? 1 : 0, -mass->lower, std::isnan(mass->upper) ? -1.0 : -mass->upper);
    };
    std::ranges::stable_sort(order, {}, rank);
    return order;
}

Result<PlaceReads> readPlace(const TraceReading& reading, const Place& place, const RowBand* band,
                             const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    HEADWATER_TRY(checkPlace(place, trace.seqLen()));
    const TokenRange rows = place.tellingRows(trace.seqLen());
    const std::span<const HeadInfo> heads = trace.heads();
    const ListedRows listed = ListedRows::load(reading, rows, place.keys);
    const bool isBand = band && band->holds(trace, rows);
    PlaceReads reads;
    reads.place = place;
    reads.heads.resize(heads.size());
    std::vector<std::optional<Error>> failures(heads.size());
    const auto ask = [&](std::size_t i) {
        const HeadShape shape = shapeOf(heads[i]);
        SpanKnowledge known = listed.of(heads[i], shape, i);
        std::optional<HeadBand> own;
        if (!isBand)
            own = loadHeadBand(reading, heads[i], rows, stop);
        const HeadBand& blocks = isBand ? band->heads[i] : *own;
        if (blocks.isStored) {
            known.edges = &blocks.edges;
            known.values = &blocks.values;
        }
        failures[i] = blocks.failure ? blocks.failure : listed.failureOf(i);
        if (failures[i])
            reads.heads[i].head = {heads[i].layer, heads[i].head};
        else
            reads.heads[i] = placeOf(trace, heads[i], known, place);
    };
    HEADWATER_TRY(eachHead(heads.size(), ask, stop));
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (failures[i]) {
            reads.failure = failures[i];
            reads.damagedHeads.push_back(reads.heads[i].head);
        } else if (!reads.heads[i].mass) {
            ++reads.unknownHeads;
        }
    }
    return reads;
}

} // namespace headwater
