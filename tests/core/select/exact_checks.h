// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "complaint.h"
#include "core/parallel/thread_pool.h"
#include "core/select/exact_tile.h"
#include "dense_head.h"
#include "support/statistics_of.h"

namespace headwater::test {

/// A head recorded by exactTile(), tile by tile.
struct WholeHead {
    HeadRecord record;
    std::vector<float> output;
    std::vector<float> kept;
    std::vector<double> columns;
};

/// Joins tiles, in order.
inline void joinTiles(const std::vector<TileRecord>& tiles, std::uint32_t tokens, WholeHead& whole)
{
    whole.columns.assign(tokens, 0.0);
    for (const TileRecord& tile : tiles) {
        appendTile(whole.record, tile);
        whole.kept.insert(whole.kept.end(), tile.kept.begin(), tile.kept.end());
        for (const ColumnSum& column : tile.columns)
            whole.columns[column.key] += column.sum;
    }
}

/// The mask of one tile out of a whole head's record.
inline BlockMask maskOfTile(const HeadRecord& record, std::uint32_t firstRow, std::uint32_t numRows)
{
    const std::uint32_t first = firstRow / record.grid.blockQ;
    const std::uint32_t end = (firstRow + numRows + record.grid.blockQ - 1) / record.grid.blockQ;
    BlockMask mask;
    mask.reset();
    for (std::uint32_t queryBlock = first; queryBlock < end; ++queryBlock) {
        mask.keyBlock.insert(mask.keyBlock.end(), record.keyBlock.begin() + record.rowPtr[queryBlock],
                             record.keyBlock.begin() + record.rowPtr[queryBlock + 1]);
        mask.endQueryBlock();
    }
    return mask;
}

/// Every tile of a head, in `threads` threads, the last tile first. With `chosen` the blocks of that record
/// are kept instead of the rule's; without `wantOutput` only the record is made.
inline WholeHead runExact(const HeadArrays& head, const HeadShape& shape, const KeepRule& rule,
                          std::size_t threads, const HeadRecord* chosen = nullptr, bool wantOutput = true)
{
    const std::uint32_t tiles = head.numTiles();
    std::vector<TileRecord> records(tiles);
    WholeHead whole;
    whole.output.resize(wantOutput ? head.values.size() : 0);
    ThreadPool pool(threads);
    std::vector<ExactScratch> scratch(pool.size());
    pool.parallelFor(tiles, [&](std::size_t index, std::size_t worker) {
        const QueryTile tile = head.tile(static_cast<std::uint32_t>(tiles - 1 - index) * kTileRows);
        KeepRule ruleOfTile = rule;
        BlockMask mask;
        if (chosen) {
            mask = maskOfTile(*chosen, tile.firstRow, tile.numRows);
            ruleOfTile.mask = &mask;
        }
        TileOutput output;
        if (wantOutput)
            output = {whole.output.data() + std::size_t(tile.firstRow) * head.dim, head.dim};
        exactTile(shape, head.keyValues(), tile, ruleOfTile, scratch[worker], output,
                  records[tiles - 1 - index]);
    });
    joinTiles(records, head.tokens, whole);
    whole.record.grid = shape.grid;
    whole.record.kind = shape.kind;
    whole.record.window = shape.window;
    return whole;
}

/// The largest differences that equalsDense() met.
struct WorstDifference {
    double lse = 0;
    double sum = 0; ///< of kept + missed from 1
    double mass = 0; ///< of block masses, peaks, missed and missed peaks
    double output = 0; ///< relative to the head's largest value
    double rounding = 0; ///< of the largest score, float32
    std::uint64_t strongPairs = 0; ///< pairs with p >= keepPeak

    void join(const WorstDifference& other)
    {
        lse = std::max(lse, other.lse);
        sum = std::max(sum, other.sum);
        mass = std::max(mass, other.mass);
        output = std::max(output, other.output);
        rounding = std::max(rounding, other.rounding);
        strongPairs += other.strongPairs;
    }
};

/// Compares a head recorded by runExact() with the dense head in float64: the blocks kept (a top-K by mass,
/// ties within 1e-5 aside; every block with a pair of p >= keepPeak; sliding heads their window), row
/// log-sum-exp to 1e-4, kept + missed = 1 to 1e-5, masses and peaks and where they are, the counters, the
/// output. Masses follow the scores, whose float32 rounding grows with the terms they are added up from:
/// 1e-5, or one rounding of the largest sum of |q · k| where that is more (builtin:needle's terms reach some
/// hundreds).
class ExactComparison {
public:
    ExactComparison(const HeadArrays& head, const HeadShape& shape, const KeepRule& rule,
                    const WholeHead& whole)
        : m_head(head)
        , m_shape(shape)
        , m_rule(rule)
        , m_whole(whole)
        , m_record(whole.record)
        , m_dense(head, shape)
    {
        for (const float value : head.values)
            m_largestValue = std::max(m_largestValue, std::abs(double(value)));
        std::vector<double> largestKey(head.dim, 0.0);
        for (std::size_t i = 0; i < head.keys.size(); ++i)
            largestKey[i % head.dim] = std::max(largestKey[i % head.dim], std::abs(double(head.keys[i])));
        double largestTerms = 0;
        for (std::size_t row = 0; row < head.tokens; ++row) {
            double terms = 0;
            for (std::size_t i = 0; i < head.dim; ++i)
                terms += std::abs(double(head.queries[row * head.dim + i])) * largestKey[i];
            largestTerms = std::max(largestTerms, terms);
        }
        m_rounding = largestTerms * 0x1p-24;
        m_worst.rounding = m_rounding;
    }

    std::string run()
    {
        HEADWATER_EXPECT(m_record.rowPtr.size() == m_shape.grid.numQueryBlocks() + std::size_t{1},
                         "{} query blocks recorded", m_record.rowPtr.size());
        HEADWATER_EXPECT(m_record.numRows == m_head.tokens, "{} rows recorded", m_record.numRows);
        DenseBlock dense;
        for (std::uint32_t queryBlock = 0; queryBlock < m_shape.grid.numQueryBlocks(); ++queryBlock) {
            m_dense.queryBlock(queryBlock, dense);
            std::string wrong =
                m_shape.kind == HeadKind::Sliding ? windowIsKept(queryBlock) : choice(queryBlock, dense);
            if (wrong.empty())
                wrong = edges(queryBlock, dense);
            if (wrong.empty())
                wrong = rows(queryBlock, dense);
            HEADWATER_EXPECT(wrong.empty(), "query block {}: {}", queryBlock, wrong);
        }
        return counters();
    }

    const WorstDifference& worst() const { return m_worst; }

private:
    std::string windowIsKept(std::uint32_t queryBlock) const
    {
        for (std::uint32_t block = 0; block < m_shape.grid.numCausalKeyBlocks(queryBlock); ++block) {
            const bool reaches =
                (block + 1) * m_shape.grid.blockK > m_shape.firstKey(m_shape.grid.firstRow(queryBlock));
            HEADWATER_EXPECT(isKept(m_record, queryBlock, block) == reaches, "block {} of the window", block);
        }
        return {};
    }

    /// The always-kept blocks and the extras are there; among the others the heaviest stay, ties aside;
    /// extras come on top of the budget.
    std::string choice(std::uint32_t queryBlock, const DenseBlock& dense)
    {
        const AlwaysKept always = alwaysKept(m_shape.grid, queryBlock);
        const std::uint32_t budget = budgetBlocks(m_shape.grid, queryBlock, m_rule.keepKeys);
        const double keepPeak = double(m_rule.keepPeak);
        std::vector<double> others;
        for (std::uint32_t block = 1; block < always.recent; ++block)
            others.push_back(dense.mass[block]);
        std::sort(others.rbegin(), others.rend());
        HEADWATER_EXPECT(budget >= always.count(), "budget {} below the always-kept", budget);
        const std::uint32_t free = budget - always.count();
        const double threshold = free > 0 && free < others.size() ? others[free - 1] : 0;
        double lightestKept = 1;
        double heaviestUnkept = 0;
        std::uint32_t count = 0;
        for (std::uint32_t block = 0; block < dense.mass.size(); ++block) {
            const bool kept = isKept(m_record, queryBlock, block);
            count += kept;
            HEADWATER_EXPECT(kept || !always.contains(block), "block {} is always kept", block);
            HEADWATER_EXPECT(kept || keepPeak <= 0 || dense.peak[block] < keepPeak + 1e-5,
                             "block {} with a pair of p {} is missing", block, dense.peak[block]);
            if (always.contains(block))
                continue;
            const bool extra = keepPeak > 0 && dense.peak[block] >= keepPeak - 1e-5;
            if (kept && !extra)
                lightestKept = std::min(lightestKept, dense.mass[block]);
            if (!kept)
                heaviestUnkept = std::max(heaviestUnkept, dense.mass[block]);
            HEADWATER_EXPECT(kept || free == 0 || dense.mass[block] <= threshold + 1e-5,
                             "block {} of mass {} is missing, the threshold is {}", block, dense.mass[block],
                             threshold);
        }
        HEADWATER_EXPECT(heaviestUnkept <= lightestKept + 1e-5, "mass {} kept, {} not", lightestKept,
                         heaviestUnkept);
        HEADWATER_EXPECT(count >= budget, "{} blocks kept of a budget of {}", count, budget);
        m_extraEdges += count - budget;
        return {};
    }

    std::string edges(std::uint32_t queryBlock, const DenseBlock& dense)
    {
        for (std::uint32_t edge = m_record.rowPtr[queryBlock]; edge < m_record.rowPtr[queryBlock + 1];
             ++edge) {
            const std::uint32_t block = m_record.keyBlock[edge];
            HEADWATER_EXPECT(near(m_record.mass[edge], dense.mass[block]), "block {}: mass {}, dense {}",
                             block, m_record.mass[edge], dense.mass[block]);
            HEADWATER_EXPECT(near(m_record.peak[edge], dense.peak[block]), "block {}: peak {}, dense {}",
                             block, m_record.peak[edge], dense.peak[block]);
            const std::uint32_t row = dense.firstRow + (m_record.peakAt[edge] >> 8);
            const std::uint32_t key = block * m_shape.grid.blockK + (m_record.peakAt[edge] & 255u);
            HEADWATER_EXPECT(row < dense.firstRow + dense.numRows && key <= row
                                 && key >= m_shape.firstKey(row),
                             "block {}: its peak is at row {}, key {}", block, row, key);
            HEADWATER_EXPECT(std::abs(dense.rowOf(row)[key] - dense.peak[block]) < massTolerance(),
                             "block {}: p {} where its peak {} should be", block, dense.rowOf(row)[key],
                             dense.peak[block]);
        }
        return {};
    }

    std::string rows(std::uint32_t queryBlock, const DenseBlock& dense)
    {
        std::vector<bool> kept(dense.mass.size());
        for (std::uint32_t block = 0; block < kept.size(); ++block)
            kept[block] = isKept(m_record, queryBlock, block);
        double tokenZero = 0;
        for (std::uint32_t row = dense.firstRow; row < dense.firstRow + dense.numRows; ++row) {
            const double* const p = dense.rowOf(row);
            const std::uint32_t first = m_shape.firstKey(row);
            double missed = 0;
            double missedPeak = 0;
            tokenZero += p[0] / dense.numRows;
            m_usablePairs += row + 1 - first;
            for (std::uint32_t key = first; key <= row; ++key) {
                m_worst.strongPairs += m_rule.keepPeak > 0 && p[key] >= double(m_rule.keepPeak);
                if (kept[key / m_shape.grid.blockK]) {
                    ++m_keptPairs;
                } else {
                    missed += p[key];
                    missedPeak = std::max(missedPeak, p[key]);
                }
            }
            const double lse = std::abs(double(m_record.lse[row]) - dense.lse[row - dense.firstRow]);
            const double sum = std::abs(double(m_record.missed[row]) + double(m_whole.kept[row]) - 1);
            m_worst.lse = std::max(m_worst.lse, lse);
            m_worst.sum = std::max(m_worst.sum, sum);
            HEADWATER_EXPECT(lse < 1e-4, "row {}: log-sum-exp {}, dense {}", row, m_record.lse[row],
                             dense.lse[row - dense.firstRow]);
            HEADWATER_EXPECT(sum < 1e-5, "row {}: kept {} and missed {}", row, m_whole.kept[row],
                             m_record.missed[row]);
            HEADWATER_EXPECT(near(m_record.missed[row], missed), "row {}: missed {}, dense {}", row,
                             m_record.missed[row], missed);
            HEADWATER_EXPECT(near(m_record.missedPeak[row], missedPeak), "row {}: missed peak {}, dense {}",
                             row, m_record.missedPeak[row], missedPeak);
            HEADWATER_EXPECT_NONE(outputOf(row, dense));
        }
        HEADWATER_EXPECT(near(m_record.tokenZero[queryBlock], tokenZero), "token 0 gets {}, dense {}",
                         m_record.tokenZero[queryBlock], tokenZero);
        return {};
    }

    std::string outputOf(std::uint32_t row, const DenseBlock& dense)
    {
        for (std::uint32_t i = 0; i < m_head.dim; ++i) {
            const double found = double(m_whole.output[std::size_t(row) * m_head.dim + i]);
            const double expected = dense.output[std::size_t(row - dense.firstRow) * m_head.dim + i];
            m_worst.output = std::max(m_worst.output, std::abs(found - expected) / m_largestValue);
            HEADWATER_EXPECT(std::abs(found - expected) <= std::max(5e-6, m_rounding) * m_largestValue,
                             "row {}: output {}, dense {}", row, found, expected);
        }
        return {};
    }

    std::string counters() const
    {
        const PairCounts pairs = sumsOf(m_record).pairs();
        HEADWATER_EXPECT(pairs.kept == m_keptPairs, "{} kept pairs, {} counted", pairs.kept, m_keptPairs);
        HEADWATER_EXPECT(pairs.usable == m_usablePairs, "{} usable pairs, {} counted", pairs.usable,
                         m_usablePairs);
        HEADWATER_EXPECT(pairs.extraEdges == m_extraEdges, "{} extra blocks, {} counted", pairs.extraEdges,
                         m_extraEdges);
        HEADWATER_EXPECT(m_shape.kind == HeadKind::Global || m_keptPairs == m_usablePairs,
                         "{} of {} pairs of a window kept", m_keptPairs, m_usablePairs);
        return {};
    }

    double massTolerance() const { return std::max(1e-5, m_rounding); }

    bool near(float found, double expected)
    {
        const double difference = std::abs(double(found) - expected);
        m_worst.mass = std::max(m_worst.mass, difference);
        return difference < massTolerance();
    }

    const HeadArrays& m_head;
    HeadShape m_shape;
    KeepRule m_rule;
    const WholeHead& m_whole;
    const HeadRecord& m_record;
    DenseHead m_dense;
    double m_largestValue = 0;
    double m_rounding = 0; ///< of the largest score
    WorstDifference m_worst;
    std::uint64_t m_keptPairs = 0;
    std::uint64_t m_usablePairs = 0;
    std::uint64_t m_extraEdges = 0;
};

} // namespace headwater::test
