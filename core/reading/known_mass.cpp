// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_mass.h"

#include "core/base/half.h"
#include "core/base/half_bound.h"
#include "core/reading/known_pair.h"
#include "core/reading/marked_sink.h"
#include "core/reading/span_sum.h"
#include "core/record/whole_row.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {
namespace {

using State = KnownMass::State;

TokenRange readableKeys(const HeadShape& shape, std::uint32_t row, TokenRange keys)
{
    const std::uint32_t begin = std::max(keys.begin, shape.firstKey(row));
    return {begin, std::max(begin, std::min(keys.end, row + 1))};
}

/// Without the half of what is known that is of another quantity: a head that is normalised over its kept
/// keys has rows of the one and blocks of the other.
SpanKnowledge ofOneQuantity(const SpanKnowledge& known, TokenRange rows, TokenRange keys)
{
    SpanKnowledge one = known;
    if (known.normaliser == Normaliser::Exact)
        return one;
    bool isWhole = true;
    for (std::uint32_t row = rows.begin; row < rows.end && isWhole; ++row)
        isWhole = known.isListed(row, keys);
    if (isWhole || !known.edges) {
        one.edges = nullptr;
        one.values = nullptr;
    } else {
        one.tokens = {};
        one.windows = {};
    }
    return one;
}

State stateOf(KnownPair::State state)
{
    switch (state) {
    case KnownPair::State::Recorded:
    case KnownPair::State::Peak:
    case KnownPair::State::Exact:
        return State::Exact;
    case KnownPair::State::BelowRecorded:
        return State::BelowRecorded;
    case KnownPair::State::InBlock:
        return State::InBlock;
    case KnownPair::State::NotKept:
        return State::NotKept;
    case KnownPair::State::None:
        break;
    }
    return State::None;
}

/// A single pair, by the one rule.
KnownMass massOfPair(const SpanKnowledge& known, std::uint32_t row, std::uint32_t key)
{
    RowKnowledge ofRow{known.shape, *known.edges};
    ofRow.missedPeak = known.values->missedPeak[row - known.values->firstRow];
    ofRow.recorded = known.tokensOf(row);
    ofRow.exact = known.windowOf(row, {key, key + 1});
    const KnownPair pair = knownPair(ofRow, row, key);
    KnownMass mass;
    mass.state = stateOf(pair.state);
    mass.upper = static_cast<double>(pair.bound);
    mass.lower = pair.hasValue() ? static_cast<double>(pair.value) : 0;
    const bool isOfRow = pair.state == KnownPair::State::Recorded
        || pair.state == KnownPair::State::BelowRecorded || pair.state == KnownPair::State::Exact;
    mass.ofWholeRow = isOfRow || known.normaliser == Normaliser::Exact;
    if (pair.state == KnownPair::State::Peak)
        mass.lower = static_cast<double>(floorOfNearestHalf(pair.value));
    if (pair.state == KnownPair::State::Exact) {
        mass.lower *= 1 - static_cast<double>(ofRow.exact->relativeError);
        mass.upper *= 1 + static_cast<double>(ofRow.exact->relativeError);
    }
    return mass;
}

KnownLargest largestOfWindow(const ExactWindow& window, const HeadShape& shape, std::uint32_t row,
                             std::span<const std::uint32_t> sinks)
{
    KnownLargest largest{{}, row};
    largest.p.state = State::Exact;
    for (std::uint32_t key = shape.firstKey(row); key <= row; ++key) {
        const auto p = static_cast<double>(window.at(row, key));
        if (p > largest.p.lower && !isMarked(sinks, key)) {
            largest.p.lower = p;
            largest.key = key;
        }
    }
    largest.p.upper = largest.p.lower * (1 + static_cast<double>(window.relativeError));
    largest.p.lower *= 1 - static_cast<double>(window.relativeError);
    return largest;
}

KnownLargest largestOfTokens(const TokenRow& tokens, const HeadShape& shape,
                             std::span<const std::uint32_t> sinks)
{
    KnownLargest largest{{}, tokens.row};
    largest.p.state = State::Exact;
    for (std::size_t i = 0; i < tokens.keys.size(); ++i) {
        if (isMarked(sinks, tokens.keys[i]))
            continue;
        largest.p.lower = largest.p.upper = static_cast<double>(tokens.probability[i]);
        largest.key = tokens.keys[i];
        return largest;
    }
    if (isListedWhole(tokens, shape))
        return largest;
    largest.p.state = State::BelowRecorded;
    largest.p.upper = tokens.probability.empty() ? 1 : static_cast<double>(tokens.probability.back());
    return largest;
}

KnownLargest largestOfBlocks(const SpanKnowledge& known, std::uint32_t row,
                             std::span<const std::uint32_t> sinks)
{
    const EdgeSlice& edges = *known.edges;
    const BlockGrid& grid = edges.grid;
    KnownLargest largest{{}, row};
    double inBlock = 0; // what another pair of a kept block can have
    double own = 0;
    const std::uint32_t block = row / grid.blockQ;
    for (std::uint32_t edge = edges.beginOf(block); edge < edges.endOf(block); ++edge) {
        const std::uint32_t peakKey = edges.keyBlock[edge] * grid.blockK + (edges.peakAt[edge] & 0xFF);
        const float peak = floatFromHalf(edges.peak[edge]);
        const auto bound = static_cast<double>(boundOfNearestHalf(peak));
        const bool isOwn =
            grid.firstRow(block) + (edges.peakAt[edge] >> 8) == row && !isMarked(sinks, peakKey);
        if (!isOwn) {
            inBlock = std::max(inBlock, bound);
            continue;
        }
        own = std::max(own, bound);
        const auto least = static_cast<double>(floorOfNearestHalf(peak));
        if (least > largest.p.lower) {
            largest.p.lower = least;
            largest.key = peakKey;
        }
    }
    const auto missed = static_cast<double>(known.values->missedPeak[row - known.values->firstRow]);
    const double others = std::max(inBlock, std::isnan(missed) ? 0 : missed);
    largest.p.upper = std::isnan(missed) ? missed : std::max(own, others);
    largest.p.state = !std::isnan(missed) && own >= others ? State::Exact
        : std::isnan(missed) || missed > inBlock           ? State::NotKept
                                                           : State::InBlock;
    largest.p.ofWholeRow = known.normaliser == Normaliser::Exact;
    return largest;
}

} // namespace

const TokenRow* SpanKnowledge::tokensOf(std::uint32_t row) const
{
    const auto found = std::ranges::lower_bound(tokens, row, {}, &TokenRow::row);
    return found != tokens.end() && found->row == row && !found->keys.empty() ? &*found : nullptr;
}

bool SpanKnowledge::isListed(std::uint32_t row, TokenRange keys) const
{
    const TokenRange readable = readableKeys(shape, row, keys);
    return readable.begin == readable.end || tokensOf(row) || windowOf(row, readable);
}

const ExactWindow* SpanKnowledge::windowOf(std::uint32_t row, TokenRange keys) const
{
    for (auto window = windows.rbegin(); window != windows.rend(); ++window)
        if ((*window)->holds({row, row + 1}, keys))
            return window->get();
    return nullptr;
}

const char* nameOf(State state)
{
    switch (state) {
    case State::None:
        return "none";
    case State::Exact:
        return "exact";
    case State::BelowRecorded:
        return "below_recorded";
    case State::InBlock:
        return "in_block";
    case State::NotKept:
        break;
    }
    return "not_kept";
}

KnownMass knownMass(const SpanKnowledge& known, TokenRange rows, TokenRange keys)
{
    if (known.edges && rows.end - rows.begin == 1 && keys.end - keys.begin == 1)
        return massOfPair(known, rows.begin, keys.begin);
    const SpanKeys span(keys);
    SpanSum sum(ofOneQuantity(known, rows, keys), span);
    sum.add(rows);
    return sum.mean();
}

std::vector<KnownMass> knownMasses(const SpanKnowledge& known, TokenRange rows, TokenRange keys)
{
    const SpanKeys span(keys);
    SpanSum sum(known, span);
    return sum.add(rows);
}

KnownLargest knownLargest(const SpanKnowledge& known, std::uint32_t row, std::span<const std::uint32_t> sinks)
{
    const ExactWindow* const window = known.windowOf(row, {known.shape.firstKey(row), row + 1});
    if (window)
        return largestOfWindow(*window, known.shape, row, sinks);
    if (const TokenRow* const tokens = known.tokensOf(row))
        return largestOfTokens(*tokens, known.shape, sinks);
    return largestOfBlocks(known, row, sinks);
}

} // namespace headwater
