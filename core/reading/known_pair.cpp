// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_pair.h"

#include "core/base/half.h"
#include "core/base/half_bound.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

std::optional<KnownPair::Block> keptBlockOf(const EdgeSlice& edges, std::uint32_t row, std::uint32_t key)
{
    const BlockGrid& grid = edges.grid;
    const std::uint32_t queryBlock = row / grid.blockQ;
    const std::uint32_t keyBlock = key / grid.blockK;
    const auto begin = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.beginOf(queryBlock));
    const auto end = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.endOf(queryBlock));
    const auto found = std::lower_bound(begin, end, keyBlock);
    if (found == end || *found != keyBlock)
        return std::nullopt;
    const auto edge = static_cast<std::size_t>(found - edges.keyBlock.begin());
    const std::uint32_t firstRow = grid.firstRow(queryBlock);
    const std::uint32_t firstKey = keyBlock * grid.blockK;
    KnownPair::Block block;
    block.queries = {firstRow, grid.endRow(queryBlock)};
    block.keys = {firstKey, std::min(firstKey + grid.blockK, grid.seqLen)};
    block.peak = floatFromHalf(edges.peak[edge]);
    block.mass = floatFromHalf(edges.mass[edge]);
    block.peakRow = firstRow + (edges.peakAt[edge] >> 8);
    block.peakKey = firstKey + (edges.peakAt[edge] & 0xFF);
    return block;
}

} // namespace

KnownPair knownPair(const RowKnowledge& known, std::uint32_t row, std::uint32_t key)
{
    using State = KnownPair::State;
    KnownPair pair;
    pair.row = row;
    pair.key = key;
    if (key > row || key < known.shape.firstKey(row))
        return pair;
    pair.block = keptBlockOf(known.edges, row, key);
    if (known.exact && known.exact->holds(row, key)) {
        pair.state = State::Exact;
        pair.value = known.exact->at(row, key);
        pair.isOfModel = known.exact->isModel;
        pair.isRounded = !known.exact->isExact;
        pair.bound = pair.isRounded ? std::numeric_limits<float>::quiet_NaN() : pair.value;
        return pair;
    }
    // A key of a kept block is none that the row misses.
    pair.bound = pair.block ? boundOfNearestHalf(pair.block->peak) : known.missedPeak;
    const TokenRow* const recorded = known.recorded;
    if (recorded && !recorded->keys.empty()) {
        pair.recordedKeys = static_cast<std::uint32_t>(recorded->keys.size());
        const auto found = std::find(recorded->keys.begin(), recorded->keys.end(), key);
        if (found != recorded->keys.end()) {
            pair.state = State::Recorded;
            const auto place = static_cast<std::size_t>(found - recorded->keys.begin());
            pair.rank = static_cast<std::uint32_t>(place + 1);
            pair.value = recorded->probability[place];
            pair.bound = pair.value;
            return pair;
        }
    }
    if (pair.block && pair.block->peakRow == row && pair.block->peakKey == key) {
        pair.state = State::Peak;
        pair.value = pair.block->peak;
    } else if (pair.recordedKeys > 0) {
        pair.state = State::BelowRecorded;
        pair.bound = std::fmin(pair.bound, recorded->probability.back()); // that of the lightest of them
    } else {
        pair.state = pair.block ? State::InBlock : State::NotKept;
    }
    return pair;
}

} // namespace headwater
