// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/session_place.h"

#include <fmt/format.h>

namespace headwater {
namespace {

/// What is asked of every head.
struct AskedSpan {
    TokenRange rows;
    TokenRange keys;
    bool isColumn = false; ///< one key, of all rows that may read it

    std::uint64_t pairs() const
    {
        return std::uint64_t{rows.end - rows.begin} * std::uint64_t{keys.end - keys.begin};
    }
};

AskedSpan spanOf(const Place& place, std::uint32_t seqLen)
{
    AskedSpan span;
    span.rows = place.tellingRows(seqLen);
    span.keys = place.keys.value_or(TokenRange{0, span.rows.end});
    span.isColumn = !place.rows && span.keys.end - span.keys.begin == 1;
    return span;
}

/// Shape: p [heads, rows, keys].
void addWindows(int layer, const AskedSpan& span, int heads, const std::vector<float>& p, float relativeError,
                bool isModel, ExactWindows& windows)
{
    const auto each = static_cast<std::ptrdiff_t>(span.pairs());
    for (int head = 0; head < heads; ++head) {
        auto window = std::make_shared<ExactWindow>();
        window->layer = layer;
        window->head = head;
        window->rows = span.rows;
        window->keys = span.keys;
        window->p.assign(p.begin() + head * each, p.begin() + (head + 1) * each);
        window->isModel = isModel;
        window->relativeError = relativeError;
        windows.add(std::move(window));
    }
}

Result<void> takeLayer(WarmSession& session, int layer, const AskedSpan& span, ExactWindows& windows,
                       const std::stop_token& stop)
{
    const int heads = session.trace()->numHeads(layer);
    const bool isModel = std::string_view(session.quantity()) == "p_model";
    if (span.isColumn) {
        const auto columns = session.columns(layer, {0, heads}, span.keys.begin, stop);
        if (columns) {
            addWindows(layer, span, heads, columns->p, columns->relativeError, isModel, windows);
            return {};
        }
        if (columns.error().code != ErrorCode::Unsupported) // a trace without whole rows' sums: rows, then
            return columns.error();
    }
    HEADWATER_TRY_ASSIGN(const ExactRows rows,
                         session.window(layer, {0, heads}, span.rows.begin, span.rows.end - span.rows.begin,
                                        span.keys.begin, span.keys.end - span.keys.begin, stop));
    addWindows(layer, span, heads, rows.p, 0, isModel, windows);
    return {};
}

} // namespace

Result<void> takeExactPlace(WarmSession& session, const Place& place, TraceReading& reading,
                            const ProgressSink& progress, const std::stop_token& stop)
{
    const Trace& trace = *session.trace();
    HEADWATER_TRY(checkPlace(place, trace.seqLen()));
    const AskedSpan span = spanOf(place, trace.seqLen());
    std::uint64_t heads = 0;
    for (int layer = 0; layer < trace.numLayers(); ++layer)
        heads += static_cast<std::uint64_t>(trace.numHeads(layer));
    if (span.pairs() > kMostExactPairs / heads)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{} pairs in each of {} heads: expected at most {} in all; ask for fewer rows or "
                        "keys, or without --exact",
                        span.pairs(), heads, kMostExactPairs),
            "place"};
    if (!session.isExact())
        return {};
    // All of them at once, and a window's own bytes.
    reading.exact = std::make_shared<ExactWindows>(heads * (span.pairs() * sizeof(float) + 1024));
    TimeLeft timeLeft;
    const auto layers = static_cast<std::uint64_t>(trace.numLayers());
    for (int layer = 0; layer < trace.numLayers(); ++layer) {
        HEADWATER_TRY(takeLayer(session, layer, span, *reading.exact, stop));
        const auto done = static_cast<std::uint64_t>(layer) + 1;
        if (progress)
            progress({.phase = "place",
                      .done = done,
                      .total = layers,
                      .unit = "layers",
                      .secondsLeft = timeLeft.update(done, layers)});
    }
    return {};
}

} // namespace headwater
