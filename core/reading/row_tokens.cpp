// SPDX-License-Identifier: Apache-2.0
#include "core/reading/row_tokens.h"

#include "core/record/whole_row.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headwater {
namespace {

RowSource sourceOf(bool isExact)
{
    return isExact ? RowSource::Exact : RowSource::Rounded;
}

/// All keys of a row that a window holds whole.
RowTokens allOf(const ExactWindow& window, const HeadShape& shape, std::uint32_t row)
{
    RowTokens tokens{{window.layer, window.head, row, {}, {}}, sourceOf(window.isExact), true};
    std::vector<std::uint32_t>& keys = tokens.row.keys;
    keys.resize(numUsableKeys(shape, row));
    std::iota(keys.begin(), keys.end(), shape.firstKey(row));
    std::ranges::sort(keys, [&](std::uint32_t a, std::uint32_t b) {
        const float pa = window.at(row, a);
        const float pb = window.at(row, b);
        return pa > pb || (pa == pb && a < b);
    });
    for (const std::uint32_t key : keys)
        tokens.row.probability.push_back(window.at(row, key));
    return tokens;
}

std::optional<RowTokens> fromSession(const TraceReading& reading, const HeadInfo& info, std::uint32_t row)
{
    const HeadId head{info.layer, info.head};
    const HeadShape shape = shapeOf(info);
    const TokenRange keys{shape.firstKey(row), row + 1};
    const auto window =
        reading.exact ? reading.exact->holding(head.layer, head.head, {row, row + 1}, keys) : nullptr;
    const auto known = reading.exactRows ? reading.exactRows->find(row) : nullptr;
    const bool isListed = known && known->placeOf(head);
    if (window && (window->isExact || !isListed || !known->isExact))
        return allOf(*window, shape, row);
    if (!isListed)
        return std::nullopt;
    RowTokens tokens{known->tokens(head), sourceOf(known->isExact), known->isListedWhole(head)};
    tokens.isWhole = tokens.isWhole || isListedWhole(tokens.row, shape);
    return tokens;
}

} // namespace

Result<std::optional<RowTokens>> rowTokens(const TraceReading& reading, HeadId head, std::uint32_t row)
{
    const HeadInfo* const info = reading.trace->findHead(head.layer, head.head);
    if (!info)
        return std::optional<RowTokens>();
    std::optional<RowTokens> given = fromSession(reading, *info, row);
    if ((given && given->source == RowSource::Exact) || !reading.trace->hasTokenRow(row))
        return given;
    HEADWATER_TRY_ASSIGN(TokenRow recorded, reading.trace->loadTokenRow(head.layer, head.head, row));
    const bool isWhole = isListedWhole(recorded, shapeOf(*info));
    return std::optional(RowTokens{std::move(recorded), RowSource::Recorded, isWhole});
}

std::optional<float> exactPair(const TraceReading& reading, HeadId head, std::uint32_t row, std::uint32_t key,
                               bool rounded)
{
    const auto window = reading.exact
        ? reading.exact->holding(head.layer, head.head, {row, row + 1}, {key, key + 1})
        : nullptr;
    return window && (window->isExact || rounded) ? std::optional(window->at(row, key)) : std::nullopt;
}

} // namespace headwater
