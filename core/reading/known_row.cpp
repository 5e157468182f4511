// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_row.h"

#include "core/base/half_bound.h"
#include "core/record/whole_row.h"
#include "core/trace/head_row.h"
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

void takeTokens(TokenRow recorded, const HeadInfo& info, std::size_t most, KnownRow& row)
{
    const bool isWhole = isListedWhole(recorded, shapeOf(info));
    row.ofKeys = true;
    row.exact = true;
    row.held = recorded.keys.size();
    row.keys = std::move(recorded.keys);
    row.probability = std::move(recorded.probability);
    // Those that are not recorded have no more than the lightest that is, and together what is left of 1.
    row.bound = isWhole ? 0 : row.probability.back();
    double rest = isWhole ? 0 : std::max(0.0, 1 - sumOf(row.probability));
    if (most < row.held) {
        rest += sumOf(std::span(row.probability).subspan(most));
        row.bound = row.probability[most];
        row.keys.resize(most);
        row.probability.resize(most);
    }
    row.rest = static_cast<float>(rest);
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
    if (trace.hasTokenRow(row)) {
        known.quantity = tokenRowQuantity(trace);
        HEADWATER_TRY_ASSIGN(TokenRow recorded, trace.loadTokenRow(head.layer, head.head, row));
        takeTokens(std::move(recorded), *info, most, known);
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
