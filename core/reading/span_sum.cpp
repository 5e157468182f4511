// SPDX-License-Identifier: Apache-2.0
#include "core/reading/span_sum.h"

#include "core/base/half.h"
#include "core/base/half_bound.h"
#include "core/record/whole_row.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headwater {
namespace {

using State = KnownMass::State;

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// What the floats of one row may add up to beside 1.
constexpr double kSumError = 1e-6;

double ceilingOf(std::uint16_t half)
{
    return static_cast<double>(boundOfNearestHalf(floatFromHalf(half)));
}

double floorOf(std::uint16_t half)
{
    return static_cast<double>(floorOfNearestHalf(floatFromHalf(half)));
}

TokenRange common(TokenRange a, TokenRange b)
{
    const std::uint32_t begin = std::max(a.begin, b.begin);
    return {begin, std::max(begin, std::min(a.end, b.end))};
}

std::uint32_t lengthOf(TokenRange tokens)
{
    return tokens.end - tokens.begin;
}

double times(std::uint32_t keys, double most)
{
    return keys == 0 ? 0 : keys * most; // nothing of what has no bound is nothing
}

} // namespace

void SpanSum::Part::add(const Part& other)
{
    lower += other.lower;
    upper += other.upper;
    for (std::size_t i = 0; i < gaps.size(); ++i)
        gaps[i] += other.gaps[i];
}

void SpanSum::Part::addGap(State reason, double gap)
{
    upper += gap;
    gaps[static_cast<std::size_t>(reason) - static_cast<std::size_t>(State::BelowRecorded)] += gap;
}

void SpanSum::Part::limit(double most)
{
    if (!(most < upper))
        return;
    upper = std::max(most, lower);
    const double all = std::accumulate(gaps.begin(), gaps.end(), 0.0);
    const double left = std::min(all, upper - lower);
    for (double& gap : gaps) {
        if (std::isinf(all))
            gap = std::isinf(gap) ? left : 0;
        else
            gap *= all > 0 ? left / all : 0;
    }
}

KnownMass SpanSum::Part::known() const
{
    KnownMass mass{State::Exact, lower, upper, true};
    const auto largest = std::ranges::max_element(gaps);
    if (*largest > 0)
        mass.state = static_cast<State>(static_cast<int>(State::BelowRecorded)
                                        + static_cast<int>(largest - gaps.begin()));
    if (std::isinf(mass.upper))
        mass.upper = std::numeric_limits<double>::quiet_NaN();
    else
        mass.upper = std::clamp(mass.upper, mass.lower, std::max(1.0, mass.lower));
    return mass;
}

void SpanSum::list(std::uint32_t row, TokenRange readable)
{
    m_listed.keys.clear();
    m_listed.most = kUnbounded;
    m_listed.rest = kUnbounded;
    m_listed.isListed = true;
    if (const ExactWindow* const window = m_known.windowOf(row, readable)) {
        const auto error = static_cast<double>(window->relativeError);
        for (std::uint32_t key = readable.begin; key < readable.end; ++key) {
            if (!m_keys.contains(row, key))
                continue;
            const auto p = static_cast<double>(window->at(row, key));
            m_listed.keys.push_back({key, p * (1 - error), p * (1 + error)});
        }
        return;
    }
    const TokenRow* const tokens = m_known.tokensOf(row);
    m_listed.isListed = tokens != nullptr;
    if (!tokens)
        return;
    double sum = 0;
    for (std::size_t i = 0; i < tokens->keys.size(); ++i) {
        const auto p = static_cast<double>(tokens->probability[i]);
        sum += p;
        if (tokens->keys[i] >= readable.begin && tokens->keys[i] < readable.end
            && m_keys.contains(row, tokens->keys[i]))
            m_listed.keys.push_back({tokens->keys[i], p, p});
    }
    std::ranges::sort(m_listed.keys, {}, &ListedKey::key);
    const bool isWhole = isListedWhole(*tokens, m_known.shape);
    m_listed.most = isWhole ? 0 : static_cast<double>(tokens->probability.back());
    m_listed.rest = isWhole ? 0 : std::max(0.0, 1 - sum) + kSumError;
}

SpanSum::Part SpanSum::ofCell(std::uint32_t row, std::uint32_t edge, TokenRange cell, std::uint32_t keys,
                              std::size_t& listed)
{
    const EdgeSlice& edges = *m_known.edges;
    const std::uint32_t block = row / edges.grid.blockQ;
    const std::uint32_t peakKey = edges.keyBlock[edge] * edges.grid.blockK + (edges.peakAt[edge] & 0xFF);
    bool isPeakHere = edges.grid.firstRow(block) + (edges.peakAt[edge] >> 8) == row && peakKey >= cell.begin
        && peakKey < cell.end && m_keys.contains(row, peakKey);
    Part part;
    std::uint32_t others = keys;
    for (; listed < m_listed.keys.size() && m_listed.keys[listed].key < cell.end; ++listed) {
        part.lower += m_listed.keys[listed].lower;
        part.upper += m_listed.keys[listed].upper;
        isPeakHere = isPeakHere && m_listed.keys[listed].key != peakKey;
        --others;
    }
    const double most = std::min(ceilingOf(edges.peak[edge]), m_listed.most);
    if (isPeakHere) {
        part.lower += floorOf(edges.peak[edge]);
        part.upper += std::max(most, floorOf(edges.peak[edge]));
        --others;
    }
    part.addGap(m_listed.isListed ? State::BelowRecorded : State::InBlock, times(others, most));
    part.limit(ceilingOf(edges.mass[edge]) * (edges.grid.endRow(block) - edges.grid.firstRow(block)));
    return part;
}

SpanSum::Part SpanSum::addRow(std::uint32_t row, TokenRange readable, std::uint32_t keys)
{
    list(row, readable);
    // Of a head that is normalised over its kept keys, rows and blocks are of two quantities.
    const bool hasBlocks = m_known.edges && (m_known.normaliser == Normaliser::Exact || !m_listed.isListed);
    Part sum;
    Part loose;
    std::size_t listed = 0;
    std::uint32_t others = keys;
    const auto takeBefore = [&](std::uint32_t end) {
        for (; listed < m_listed.keys.size() && m_listed.keys[listed].key < end; ++listed) {
            loose.lower += m_listed.keys[listed].lower;
            loose.upper += m_listed.keys[listed].upper;
            --others;
        }
    };
    for (std::size_t i = 0; hasBlocks && i < m_cells.size(); ++i) {
        const auto edge = m_firstEdge + static_cast<std::uint32_t>(i);
        const std::uint32_t blockK = m_known.edges->grid.blockK;
        const std::uint32_t firstKey = m_known.edges->keyBlock[edge] * blockK;
        const TokenRange cell = common(readable, {firstKey, firstKey + blockK});
        const std::uint32_t inCell = cell.begin == cell.end ? 0 : m_keys.countIn(row, cell);
        if (inCell == 0)
            continue;
        takeBefore(cell.begin);
        const Part part = ofCell(row, edge, cell, inCell, listed);
        m_cells[i].sum.add(part);
        m_cells[i].pairs += inCell;
        others -= inCell;
        sum.add(part);
    }
    takeBefore(readable.end);
    double most = m_listed.most;
    double missed = kUnbounded;
    if (hasBlocks) {
        const std::size_t at = row - m_known.values->firstRow;
        most = std::fmin(most, static_cast<double>(m_known.values->missedPeak[at]));
        if (!std::isnan(m_known.values->missed[at]))
            missed = static_cast<double>(boundOfNearestHalf(m_known.values->missed[at]));
    }
    Part unlisted;
    unlisted.addGap(m_listed.isListed ? State::BelowRecorded : State::NotKept, times(others, most));
    unlisted.limit(std::max(0.0, missed - loose.lower));
    loose.add(unlisted);
    m_loose.add(loose);
    sum.add(loose);
    double known = 0;
    for (const ListedKey& key : m_listed.keys)
        known += key.upper;
    sum.limit(known + m_listed.rest);
    m_byRow += sum.upper;
    return sum;
}

void SpanSum::addBlock(std::uint32_t queryBlock, TokenRange rows)
{
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        Cell& cell = m_cells[i];
        const EdgeSlice& edges = *m_known.edges;
        const auto edge = m_firstEdge + static_cast<std::uint32_t>(i);
        const TokenRange all{edges.grid.firstRow(queryBlock), edges.grid.endRow(queryBlock)};
        const double count = lengthOf(all);
        if (rows == all && cell.pairs == pairsOf(m_known.shape, queryBlock, edges.keyBlock[edge])) {
            // The whole block: its mass is what its pairs add up to.
            Part whole;
            whole.lower = std::max(cell.sum.lower, floorOf(edges.mass[edge]) * count);
            whole.upper =
                std::max(whole.lower, std::min(cell.sum.upper, ceilingOf(edges.mass[edge]) * count));
            cell.sum = whole;
        }
        cell.sum.limit(ceilingOf(edges.mass[edge]) * count);
        m_byBlock.add(cell.sum);
    }
    m_byBlock.add(m_loose);
}

std::vector<KnownMass> SpanSum::add(TokenRange rows)
{
    std::vector<KnownMass> masses(lengthOf(rows));
    const std::uint32_t blockQ = m_known.shape.grid.blockQ;
    for (std::uint32_t first = rows.begin; first < rows.end;) {
        const std::uint32_t block = first / blockQ;
        const std::uint32_t end = std::min(rows.end, m_known.shape.grid.endRow(block));
        m_cells.clear();
        m_loose = {};
        if (const EdgeSlice* const edges = m_known.edges) {
            const auto begin = edges->keyBlock.begin() + edges->beginOf(block);
            const auto last = edges->keyBlock.begin() + edges->endOf(block);
            const std::uint32_t endKey = std::min(m_keys.rangeOf(end - 1).end, end);
            const auto from = std::lower_bound(begin, last, m_keys.rangeOf(first).begin / edges->grid.blockK);
            const auto to =
                std::lower_bound(from, last, (endKey + edges->grid.blockK - 1) / edges->grid.blockK);
            m_firstEdge = static_cast<std::uint32_t>(from - edges->keyBlock.begin());
            m_cells.resize(static_cast<std::size_t>(to - from));
        }
        for (std::uint32_t row = first; row < end; ++row) {
            const TokenRange readable = common(m_keys.rangeOf(row), {m_known.shape.firstKey(row), row + 1});
            const std::uint32_t keys = readable.begin == readable.end ? 0 : m_keys.countIn(row, readable);
            if (keys == 0)
                continue;
            KnownMass& mass = masses[row - rows.begin];
            mass = addRow(row, readable, keys).known();
            mass.ofWholeRow = m_known.normaliser == Normaliser::Exact || m_listed.isListed;
            m_isOfWholeRow = m_isOfWholeRow && mass.ofWholeRow;
            ++m_rows;
        }
        addBlock(block, {first, end});
        first = end;
    }
    return masses;
}

KnownMass SpanSum::mean() const
{
    if (m_rows == 0)
        return {};
    Part all = m_byBlock;
    all.limit(m_byRow);
    const auto rows = static_cast<double>(m_rows);
    all.lower /= rows;
    all.upper /= rows;
    KnownMass mass = all.known();
    mass.ofWholeRow = m_isOfWholeRow;
    return mass;
}

} // namespace headwater
