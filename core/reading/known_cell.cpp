// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_cell.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headwater {

namespace {

/// Numbers before blocks before what is not there, then by size.
std::pair<int, float> rankOf(const KnownPair& pair)
{
    if (pair.hasValue())
        return {3, pair.value};
    const float bound = std::isnan(pair.bound) ? 2 : pair.bound;
    switch (pair.state) {
    case KnownPair::State::InBlock:
        return {2, bound};
    case KnownPair::State::None:
        return {0, 0};
    default:
        return {1, bound};
    }
}

} // namespace

KnownPair mostKnownPair(const CellKnowledge& known, TokenRange queries, TokenRange keys)
{
    KnownPair most;
    std::pair<int, float> best{-1, 0};
    for (std::uint32_t row = queries.begin; row < queries.end; ++row) {
        RowKnowledge knownRow{known.shape, known.edges};
        knownRow.exact = known.exact;
        if (known.rows)
            knownRow.missedPeak = known.rows->missedPeak[row - known.rows->firstRow];
        const auto found = std::ranges::lower_bound(known.recorded, row, {}, &TokenRow::row);
        if (found != known.recorded.end() && found->row == row)
            knownRow.recorded = &*found;
        for (std::uint32_t key = keys.begin; key < keys.end; ++key) {
            const KnownPair pair = knownPair(knownRow, row, key);
            const auto rank = rankOf(pair);
            if (rank > best) {
                best = rank;
                most = pair;
            }
        }
    }
    return most;
}

} // namespace headwater
