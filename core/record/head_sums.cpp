// SPDX-License-Identifier: Apache-2.0
#include "core/record/head_sums.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace headwater {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// How many of n rows lie at or below the 5th percentile, the row that is it included.
std::size_t percentileRank(std::uint32_t rows)
{
    return std::max<std::size_t>(static_cast<std::size_t>(std::ceil(0.05 * rows)), 1);
}

double plogp(double p)
{
    return p > 0 ? -p * std::log(p) : 0.0;
}

} // namespace

HeadSums::HeadSums(const HeadShape& shape, Normaliser normaliser, std::uint32_t mostRows)
    : m_shape(shape)
    , m_normaliser(normaliser)
    , m_mostRemembered(percentileRank(mostRows))
    , m_content(shape.grid)
{
}

void HeadSums::add(const HeadRecord& record, std::uint32_t first, std::uint32_t end)
{
    m_shape.grid = record.grid;
    m_content.grow(record.grid);
    for (std::uint32_t row = first; row < end; row = m_shape.grid.endRow(row / m_shape.grid.blockQ))
        addBlock(record, row / m_shape.grid.blockQ);
    for (std::uint32_t row = first; row < end; row += kTileRows) {
        const Extras& extras = record.extras[(row - record.firstRow) / kTileRows];
        m_pairs.extra += extras.pairs;
        m_pairs.extraEdges += extras.edges;
    }
    m_rows = end;
}

void HeadSums::addBlock(const HeadRecord& record, std::uint32_t queryBlock)
{
    const BlockGrid& grid = m_shape.grid;
    const std::uint32_t firstRow = grid.firstRow(queryBlock);
    const std::uint32_t endRow = grid.endRow(queryBlock);
    const double rows = endRow - firstRow;
    const AlwaysKept always = alwaysKept(grid, queryBlock);
    const bool isGlobal = m_shape.kind == HeadKind::Global;
    const std::uint32_t inRecord = queryBlock - record.firstRow / grid.blockQ;
    double entropy = 0;
    for (std::uint32_t edge = record.rowPtr[inRecord]; edge < record.rowPtr[inRecord + 1]; ++edge) {
        const std::uint32_t block = record.keyBlock[edge];
        const double mass = double(record.mass[edge]);
        m_kept += rows * mass;
        entropy += plogp(mass);
        m_sink += block == 0 ? rows * mass : 0;
        m_distance += rows * mass * meanDistanceOf(m_shape, queryBlock, block);
        // Content: what is kept for itself, and block 0 without its token 0 where it is no recent block.
        double content = always.contains(block) ? 0 : mass;
        if (block == 0 && always.recent > 0)
            content = std::max(0.0, mass - double(record.tokenZero[inRecord]));
        m_contentMass += rows * content;
        if (content > 0)
            m_content.add(grid, queryBlock, block, rows * content);
        const std::uint64_t pairs = pairsOf(m_shape, queryBlock, block);
        m_pairs.kept += pairs;
        m_pairs.alwaysKept += isGlobal && always.contains(block) ? pairs : 0;
    }
    m_pairs.usable += usablePairsOf(m_shape, queryBlock);
    double missed = 0;
    for (std::uint32_t row = firstRow; m_normaliser == Normaliser::Exact && row < endRow; ++row) {
        const float ofRow = record.missed[row - record.firstRow];
        missed += double(ofRow) / rows;
        addMissed(ofRow);
    }
    m_entropy += rows * (entropy + plogp(missed));
}

void HeadSums::addMissed(float missed)
{
    if (m_mostMissed.size() == m_mostRemembered) {
        if (missed <= m_mostMissed.front())
            return;
        std::pop_heap(m_mostMissed.begin(), m_mostMissed.end(), std::greater<>());
        m_mostMissed.pop_back();
    }
    m_mostMissed.push_back(missed);
    std::push_heap(m_mostMissed.begin(), m_mostMissed.end(), std::greater<>());
}

HeadStatistics HeadSums::statistics() const
{
    const double rows = m_rows;
    HeadStatistics statistics;
    statistics.entropy = m_entropy / rows;
    statistics.sinkShare = m_sink / rows;
    statistics.meanDistance = m_distance / rows;
    statistics.density = m_pairs.usable > 0
        ? static_cast<double>(m_pairs.kept) / static_cast<double>(m_pairs.usable)
        : kUnknown;
    if (m_normaliser == Normaliser::Exact) {
        statistics.keptMass = {m_kept / rows, m_kept / rows, m_kept / rows};
        statistics.contentMass = m_contentMass / rows;
        std::vector<float> most = m_mostMissed;
        std::sort(most.begin(), most.end(), std::greater<>());
        const std::size_t rank = percentileRank(m_rows);
        statistics.keptMassMin = most.empty() ? kUnknown : 1 - double(most.front());
        statistics.keptMassP5 = rank > most.size() ? kUnknown : 1 - double(most[rank - 1]);
    } else {
        statistics.keptMass = {kUnknown, kUnknown, kUnknown};
        statistics.keptMassP5 = statistics.keptMassMin = statistics.contentMass = kUnknown;
    }
    if (m_shape.kind == HeadKind::Sliding)
        statistics.contentMass = 0;
    return statistics;
}

} // namespace headwater
