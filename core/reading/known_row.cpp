// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_row.h"

#include "core/base/half_bound.h"
#include "core/reading/row_tokens.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <span>

namespace headwater {
namespace {

double sumOf(std::span<const float> probabilities)
{
    return std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
}

void takeTokens(RowTokens tokens, std::size_t most, KnownRow& row)
{
    row.ofKeys = true;
    row.exact = tokens.source != RowSource::Rounded;
    row.held = tokens.row.keys.size();
    row.keys = std::move(tokens.row.keys);
    row.probability = std::move(tokens.row.probability);
    // Those that are not listed have no more than the lightest that is, and together what is left of 1.
    row.bound = tokens.isWhole ? 0 : row.probability.back();
    double rest = tokens.isWhole ? 0 : std::max(0.0, 1 - sumOf(row.probability));
    if (most < row.held) {
        rest += sumOf(std::span(row.probability).subspan(most));
        row.bound = row.probability[most];
        row.keys.resize(most);
        row.probability.resize(most);
    }
    row.rest = static_cast<float>(rest);
    if (!row.exact)
        row.bound = std::numeric_limits<float>::quiet_NaN(); // it, too, is off by some
}

/// A session's, which is of the whole row whatever the head's own numbers are of.
float lseOfSession(const TraceReading& reading, HeadId head, std::uint32_t row)
{
    const auto given = reading.exactRows ? reading.exactRows->find(row) : nullptr;
    const std::optional<std::size_t> place = given ? given->placeOf(head) : std::nullopt;
    return place && given->isExact ? given->lse[*place] : std::numeric_limits<float>::quiet_NaN();
}

void takeBlocks(const EdgeSlice& edges, const RowSlice& rows, std::size_t most, KnownRow& row)
{
    const std::size_t at = row.token - rows.firstRow;
    row.blocks = rowEntries(edges, row.token);
    row.held = row.blocks.size();
    row.bound = rows.missedPeak[at];
    row.rest = rows.missed[at];
    if (most >= row.held)
        return;
    for (std::size_t block = most; block < row.held && !std::isnan(row.bound); ++block)
        row.bound = std::max(row.bound, boundOfNearestHalf(row.blocks[block].peak));
    row.rest = std::numeric_limits<float>::quiet_NaN(); // the masses of the others are means over the block
    row.blocks.resize(most);
}

} // namespace

Result<KnownRow> knownRow(const TraceReading& reading, HeadId head, std::uint32_t row, std::size_t most,
                          const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    const HeadInfo* const info = trace.findHead(head.layer, head.head);
    const std::string name = fmt::format("layer {}, head {}", head.layer, head.head);
    if (row >= trace.seqLen())
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("row {}: the trace has {} tokens", row, trace.seqLen()), name};
    if (!info)
        return Error{ErrorCode::NotFound, "is not in the trace", name};
    const TokenRange rows{row, row + 1};
    KnownRow known;
    known.head = head;
    known.token = row;
    const bool hasEdges = trace.hasEdges(head.layer, head.head);
    std::shared_ptr<const RowSlice> values;
    if (hasEdges) {
        HEADWATER_TRY_ASSIGN(values, trace.loadRows(head.layer, head.head, rows));
        if (info->normaliser == Normaliser::Exact)
            known.lse = values->lse[row - values->firstRow];
    }
    HEADWATER_TRY_ASSIGN(std::optional<RowTokens> tokens, rowTokens(reading, head, row));
    if (tokens) {
        if (std::isnan(known.lse))
            known.lse = lseOfSession(reading, head, row);
        known.quantity = tokenRowQuantity(trace);
        takeTokens(std::move(*tokens), most, known);
        return known;
    }
    known.quantity = blockQuantity(trace, *info);
    if (!hasEdges)
        return Error{ErrorCode::NotFound,
                     fmt::format("row {} is not recorded, and only the head's overviews are stored", row),
                     name};
    HEADWATER_TRY_ASSIGN(const auto edges, reading.heads->loadEdges(head.layer, head.head, rows, stop));
    takeBlocks(*edges, *values, most, known);
    return known;
}

KnownRow heaviestOf(std::span<const float> p, std::uint32_t firstKey, std::size_t most)
{
    std::vector<std::uint32_t> order(p.size());
    std::iota(order.begin(), order.end(), 0u);
    const std::size_t listed = std::min(most, p.size());
    // One more than is listed: it bounds those that are not.
    const auto sorted = static_cast<std::ptrdiff_t>(std::min(listed + 1, p.size()));
    std::partial_sort(
        order.begin(), order.begin() + sorted, order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return p[a] > p[b] || (p[a] == p[b] && a < b); });
    KnownRow row;
    row.ofKeys = true;
    row.held = p.size();
    for (std::size_t i = 0; i < listed; ++i) {
        row.keys.push_back(firstKey + order[i]);
        row.probability.push_back(p[order[i]]);
    }
    row.bound = listed < p.size() ? p[order[listed]] : 0;
    double rest = 0;
    for (std::size_t i = listed; i < p.size(); ++i)
        rest += static_cast<double>(p[order[i]]);
    row.rest = static_cast<float>(rest);
    return row;
}

} // namespace headwater
