// SPDX-License-Identifier: Apache-2.0
#include "core/select/tile_masses.h"

#include "core/select/lanes.h"
#include "core/select/peak_position.h"
#include "core/select/score_tile.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

/// One key tile's blocks: powers → probabilities, and per query block their mean and largest.
struct NormaliseStep {
    float* sums; ///< [blocks, kTileRows], in place
    float* peaks;
    std::uint32_t numBlocks;
    std::uint32_t numRows;
    std::uint32_t blockQ;
    const float* weight; ///< [kTileRows]: 2^(reference - last reference) / row sum
    const float* lastReference;
    const float* inverseSum;
    float* mass; ///< [query blocks, stride], written at [0, numBlocks)
    float* peak;
    std::size_t stride;
};

HEADWATER_LANE_KERNEL
void normaliseBlocks(const NormaliseStep& s)
{
    const std::uint32_t width = std::min(s.blockQ, kLanes);
    const std::uint32_t rows = paddedRows(s.numRows);
    for (std::uint32_t block = 0; block < s.numBlocks; ++block) {
        float* const sums = s.sums + block * kTileRows;
        float* const peaks = s.peaks + block * kTileRows;
        for (std::uint32_t first = 0; first < rows; first += std::max(s.blockQ, kLanes)) {
            F16 mass = {};
            F16 peak = {};
            for (std::uint32_t row = first; row < std::min(rows, first + std::max(s.blockQ, kLanes));
                 row += kLanes) {
                F16 v;
                F16 x;
                lanes::load(s.weight + row, x);
                lanes::load(sums + row, v);
                v *= x;
                lanes::store(sums + row, v);
                mass += v;
                lanes::load(peaks + row, v);
                lanes::load(s.lastReference + row, x);
                lanes::exp2(v - x, v);
                lanes::load(s.inverseSum + row, x);
                v *= x;
                lanes::store(peaks + row, v);
                lanes::raise(peak, v);
            }
            lanes::sumGroups(mass, width);
            lanes::maxGroups(peak, width);
            for (std::uint32_t lane = 0; lane < kLanes && first + lane < s.numRows; lane += width) {
                const std::uint32_t queryBlock = (first + lane) / s.blockQ;
                const std::uint32_t count = std::min(s.blockQ, s.numRows - queryBlock * s.blockQ);
                s.mass[queryBlock * s.stride + block] = mass[lane] / static_cast<float>(count);
                s.peak[queryBlock * s.stride + block] = peak[lane];
            }
        }
    }
}

/// Adds the blocks' masses to kept or missed, row by row: `codes` has one bit a query block of the strip.
HEADWATER_LANE_KERNEL
void addRowMasses(const float* sums, const float* peaks, std::uint32_t numBlocks, std::uint32_t row,
                  const std::uint8_t* codes, const std::array<I16, 16>& laneMasks, float* kept, float* missed,
                  float* missedPeak)
{
    F16 keptSum = {};
    F16 missedSum = {};
    F16 largest = {};
    for (std::uint32_t first = 0; first < numBlocks; first += 64) {
        F16 keptPart = {};
        F16 missedPart = {};
        for (std::uint32_t block = first; block < std::min(numBlocks, first + 64); ++block) {
            const I16& mask = laneMasks[codes[block]];
            F16 v;
            lanes::load(sums + std::size_t(block) * kTileRows + row, v);
            keptPart += mask ? v : F16{};
            missedPart += mask ? F16{} : v;
            lanes::load(peaks + std::size_t(block) * kTileRows + row, v);
            lanes::raise(largest, mask ? F16{} : v);
        }
        keptSum += keptPart;
        missedSum += missedPart;
    }
    lanes::store(kept, keptSum);
    lanes::store(missed, missedSum);
    lanes::store(missedPeak, largest);
}

} // namespace

void TileMasses::reset(const HeadShape& shape, const QueryTile& tile, std::uint32_t firstKey)
{
    m_shape = shape;
    m_tile = tile;
    m_firstBlock = firstKey / shape.grid.blockK;
    m_numBlocks = (tile.firstRow + tile.numRows - 1) / shape.grid.blockK + 1 - m_firstBlock;
    m_sums.resize(std::size_t(m_numBlocks) * kTileRows);
    m_peaks.resize(std::size_t(m_numBlocks) * kTileRows);
    m_lse2.assign(kTileRows, std::numeric_limits<float>::infinity());
    m_blockMass.resize(std::size_t(numQueryBlocks()) * m_numBlocks);
    m_blockPeak.resize(std::size_t(numQueryBlocks()) * m_numBlocks);
}

std::uint32_t TileMasses::numQueryBlocks() const
{
    return (m_tile.numRows + m_shape.grid.blockQ - 1) / m_shape.grid.blockQ;
}

std::span<const float> TileMasses::blockMass(std::uint32_t queryBlockOfTile) const
{
    return {m_blockMass.data() + std::size_t(queryBlockOfTile) * m_numBlocks, m_numBlocks};
}

void TileMasses::normalise(std::span<const float> references, std::span<const float> rowSum,
                           TileRecord& record)
{
    const std::size_t keyTiles = references.size() / kTileRows;
    const float* const last = references.data() + (keyTiles - 1) * kTileRows;
    std::vector<float> inverse(kTileRows, 0.0f);
    for (std::uint32_t row = 0; row < m_tile.numRows; ++row) {
        if (rowSum[row] > 0) {
            inverse[row] = 1.0f / rowSum[row];
            m_lse2[row] = last[row] + std::log2(rowSum[row]);
        }
        record.lse[row] = logSumExpOf(last[row], rowSum[row]);
    }
    std::vector<float> weight(kTileRows);
    const std::uint32_t blocksPerTile = kTileKeys / m_shape.grid.blockK;
    for (std::size_t step = 0; step < keyTiles; ++step) {
        const float* const reference = references.data() + step * kTileRows;
        for (std::uint32_t row = 0; row < kTileRows; ++row)
            weight[row] = inverse[row] > 0 ? std::exp2(reference[row] - last[row]) * inverse[row] : 0.0f;
        const std::uint32_t first = static_cast<std::uint32_t>(step) * blocksPerTile;
        normaliseBlocks(
            {m_sums.data() + std::size_t(first) * kTileRows, m_peaks.data() + std::size_t(first) * kTileRows,
             std::min(blocksPerTile, m_numBlocks - first), m_tile.numRows, m_shape.grid.blockQ, weight.data(),
             last, inverse.data(), m_blockMass.data() + first, m_blockPeak.data() + first, m_numBlocks});
    }
}

void TileMasses::keep(const KeepRule& rule, TileRecord& record)
{
    for (std::uint32_t inTile = 0; inTile < numQueryBlocks(); ++inTile) {
        keepQueryBlock(inTile, rule, record);
        record.mask.endQueryBlock();
    }
}

void TileMasses::keepQueryBlock(std::uint32_t inTile, const KeepRule& rule, TileRecord& record)
{
    const std::uint32_t queryBlock = m_tile.firstRow / m_shape.grid.blockQ + inTile;
    const float* const mass = m_blockMass.data() + std::size_t(inTile) * m_numBlocks;
    const float* const peak = m_blockPeak.data() + std::size_t(inTile) * m_numBlocks;
    m_kept.clear();
    if (m_shape.kind == HeadKind::Sliding) {
        const BlockRange range = windowBlocks(m_shape, queryBlock);
        for (std::uint32_t block = range.first; block < range.end; ++block)
            m_kept.push_back(block);
    } else {
        const AlwaysKept always = alwaysKept(m_shape.grid, queryBlock);
        if (rule.mask)
            m_kept.assign(rule.mask->keyBlock.begin() + rule.mask->rowPtr[inTile],
                          rule.mask->keyBlock.begin() + rule.mask->rowPtr[inTile + 1]);
        else
            keepHeaviest(m_shape.grid, queryBlock, rule.keepKeys, {mass, always.end}, false, m_kept);
        if (rule.keepPeak > 0)
            addExtras(m_shape, queryBlock, {peak, m_numBlocks}, rule.keepPeak, m_kept, record.mask);
    }
    for (const std::uint32_t block : m_kept) {
        record.mask.keyBlock.push_back(block);
        record.mass.push_back(mass[block - m_firstBlock]);
        record.peak.push_back(peak[block - m_firstBlock]);
    }
}

std::vector<std::uint8_t> TileMasses::keptCodes(const BlockMask& mask) const
{
    const std::uint32_t strips = paddedRows(m_tile.numRows) / kLanes;
    const std::uint32_t blockQ = m_shape.grid.blockQ;
    std::vector<std::uint8_t> codes(std::size_t(strips) * m_numBlocks, 0);
    for (std::uint32_t inTile = 0; inTile + 1 < mask.rowPtr.size(); ++inTile)
        for (std::uint32_t edge = mask.rowPtr[inTile]; edge < mask.rowPtr[inTile + 1]; ++edge) {
            const std::uint32_t block = mask.keyBlock[edge] - m_firstBlock;
            const std::uint32_t bit = blockQ < kLanes ? inTile % (kLanes / blockQ) : 0;
            const std::uint32_t firstStrip = inTile * blockQ / kLanes;
            const std::uint32_t endStrip = std::min(strips, firstStrip + std::max(blockQ, kLanes) / kLanes);
            for (std::uint32_t strip = firstStrip; strip < endStrip; ++strip)
                codes[std::size_t(strip) * m_numBlocks + block] |= static_cast<std::uint8_t>(1u << bit);
        }
    return codes;
}

void TileMasses::recordRows(TileRecord& record) const
{
    const std::uint32_t width = std::min(m_shape.grid.blockQ, kLanes);
    std::array<I16, 16> laneMasks = {};
    for (std::uint32_t code = 0; code < 16; ++code)
        for (std::uint32_t lane = 0; lane < kLanes; ++lane)
            laneMasks[code][lane] = (code >> (lane / width) & 1u) != 0 ? -1 : 0;
    const std::vector<std::uint8_t> codes = keptCodes(record.mask);
    std::array<float, kLanes> kept;
    std::array<float, kLanes> missed;
    std::array<float, kLanes> missedPeak;
    for (std::uint32_t row = 0; row < m_tile.numRows; row += kLanes) {
        addRowMasses(m_sums.data(), m_peaks.data(), m_numBlocks, row,
                     codes.data() + std::size_t(row / kLanes) * m_numBlocks, laneMasks, kept.data(),
                     missed.data(), missedPeak.data());
        const std::uint32_t count = std::min(kLanes, m_tile.numRows - row);
        std::copy_n(kept.begin(), count, record.kept.begin() + row);
        std::copy_n(missed.begin(), count, record.missed.begin() + row);
        std::copy_n(missedPeak.begin(), count, record.missedPeak.begin() + row);
    }
}

void TileMasses::recordPeaks(const KeyValues& head, const float* queries, TileRecord& record) const
{
    const std::uint32_t blockQ = m_shape.grid.blockQ;
    for (std::uint32_t inTile = 0; inTile + 1 < record.mask.rowPtr.size(); ++inTile) {
        const std::uint32_t first = inTile * blockQ;
        const std::uint32_t end = std::min(first + blockQ, m_tile.numRows);
        for (std::uint32_t edge = record.mask.rowPtr[inTile]; edge < record.mask.rowPtr[inTile + 1]; ++edge) {
            const std::uint32_t block = record.mask.keyBlock[edge];
            const float* const peaks = m_peaks.data() + std::size_t(block - m_firstBlock) * kTileRows;
            const std::uint32_t firstKey = block * m_shape.grid.blockK;
            const std::uint32_t reader =
                std::max(first, firstKey > m_tile.firstRow ? firstKey - m_tile.firstRow : 0);
            const auto row =
                static_cast<std::uint32_t>(std::max_element(peaks + reader, peaks + end) - peaks);
            const std::uint32_t column = heaviestColumn(
                m_shape, head, queries + std::size_t(row) * head.headDim, m_tile.firstRow + row, block);
            record.peakAt.push_back(static_cast<std::uint16_t>((row - first) << 8 | column));
        }
    }
}

} // namespace headwater
