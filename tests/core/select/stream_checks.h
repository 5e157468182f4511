// SPDX-License-Identifier: Apache-2.0
// The invariants I1 to I5 of the interval refinement (algorithm.md §2.4), for one head.
#pragma once
#include "core/select/fused_products.h"
#include "core/select/score_tile.h"
#include "core/select/sparse_tile.h"
#include "core/select/stream_tile.h"
#include "exact_checks.h"

#include <cmath>

namespace headwater::test {

inline BlockMask runStream(const HeadArrays& head, const HeadShape& shape, std::uint32_t firstRow,
                           std::uint32_t keepKeys, StreamProbe probe)
{
    StreamScratch scratch;
    BlockMask mask;
    streamTile(shape, head.keyValues(), head.tile(firstRow), keepKeys, probe, scratch, mask);
    return mask;
}

inline std::vector<std::uint32_t> blocksOf(const BlockMask& mask, std::uint32_t inTile)
{
    return {mask.keyBlock.begin() + mask.rowPtr[inTile], mask.keyBlock.begin() + mask.rowPtr[inTile + 1]};
}

/// The refinement of one query block written down plainly over given scores, with I2 and I3 checked on the
/// way.
class PlainRefinement {
public:
    /// `candidates` blocks from block 1 on, `budget` of them to keep.
    PlainRefinement(const HeadShape& shape, const DenseBlock& dense, std::uint32_t candidates,
                    std::uint32_t budget, StreamProbe probe)
        : m_shape(shape)
        , m_dense(dense)
        , m_candidates(candidates)
        , m_budget(budget)
        , m_probe(probe)
    {
    }

    std::string run()
    {
        for (std::uint32_t i = 0; i < m_budget; ++i) {
            const auto low = static_cast<std::uint32_t>(std::uint64_t(i) * m_candidates / m_budget);
            const auto end = static_cast<std::uint32_t>((std::uint64_t(i) + 1) * m_candidates / m_budget);
            m_nodes.push_back({low, end - low, 0});
        }
        int rounds = 0;
        while (std::any_of(m_nodes.begin(), m_nodes.end(), [](const Node& node) { return node.count > 1; })) {
            HEADWATER_EXPECT_NONE(halve());
            ++rounds;
        }
        const double widest = std::ceil(double(m_candidates) / m_budget);
        HEADWATER_EXPECT(rounds <= std::ceil(std::log2(widest)), "I3: {} rounds for intervals of {}", rounds,
                         widest);
        return {};
    }

    std::vector<std::uint32_t> blocks() const
    {
        std::vector<std::uint32_t> blocks;
        for (const Node& node : m_nodes)
            blocks.push_back(1 + node.low);
        return blocks;
    }

    /// Whether the best left out was so near to the worst kept, in any round, that float32 may decide
    /// otherwise.
    bool nearTie() const { return m_nearTie; }

private:
    struct Node {
        std::uint32_t low;
        std::uint32_t count;
        double score;
    };

    std::string halve()
    {
        std::vector<std::uint8_t> covered(m_candidates, 0);
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        std::vector<Node> children;
        for (const Node& node : m_nodes) {
            before += node.count;
            for (Node child : {Node{node.low, node.count / 2, 0},
                               Node{node.low + node.count / 2, node.count - node.count / 2, 0}}) {
                after += child.count;
                for (std::uint32_t i = child.low; i < child.low + child.count; ++i) {
                    HEADWATER_EXPECT(i < m_candidates && covered[i]++ == 0, "I2: block {} is in two halves",
                                     i);
                }
                child.score = scoreOf(child.low, child.count);
                if (child.count > 0)
                    children.push_back(child);
            }
        }
        HEADWATER_EXPECT(before == after, "I2: {} blocks before, {} after", before, after);
        std::stable_sort(children.begin(), children.end(),
                         [](const Node& a, const Node& b) { return a.score > b.score; });
        if (children.size() > m_budget) {
            const double kept = children[m_budget - 1].score;
            m_nearTie = m_nearTie || kept - children[m_budget].score <= 1e-5 * (1 + std::abs(kept));
        }
        children.resize(m_budget);
        std::sort(children.begin(), children.end(),
                  [](const Node& a, const Node& b) { return a.low < b.low; });
        m_nodes = children;
        return {};
    }

    /// The largest score of the rows 1, 3, 5 … (of the only row) with the keys of an interval's
    /// representative.
    double scoreOf(std::uint32_t low, std::uint32_t count) const
    {
        const std::uint32_t blockK = m_shape.grid.blockK;
        std::uint32_t firstKey = (1 + low) * blockK;
        std::uint32_t numKeys = blockK;
        if (m_probe == StreamProbe::Middle) {
            firstKey += count * blockK / 2;
            numKeys = 1;
        }
        double best = -1e300;
        for (std::uint32_t r = m_dense.numRows > 1 ? 1 : 0; r < m_dense.numRows; r += 2) {
            const double* const scores = m_dense.scoresOf(m_dense.firstRow + r) + firstKey;
            best = std::max(best, *std::max_element(scores, scores + numKeys));
        }
        return best;
    }

    const HeadShape& m_shape;
    const DenseBlock& m_dense;
    std::uint32_t m_candidates;
    std::uint32_t m_budget;
    StreamProbe m_probe;
    std::vector<Node> m_nodes;
    bool m_nearTie = false;
};

/// The scores of one query block as float32 adds them up, in place of the float64 ones.
inline void roundScores(const HeadArrays& head, DenseBlock& block)
{
    const std::uint32_t line = paddedRows(block.numRows);
    const std::uint32_t keys = block.firstRow + block.numRows;
    std::vector<float> queries(std::size_t(head.dim) * line, 0.0f);
    for (std::uint32_t row = 0; row < block.numRows; ++row)
        for (std::uint32_t i = 0; i < head.dim; ++i)
            queries[std::size_t(i) * line + row] =
                head.queries[std::size_t(block.firstRow + row) * head.dim + i];
    std::vector<float> scores(std::size_t(keys) * line);
    scoreKeys(head.keys.data(), head.dim, keys, queries.data(), line, head.dim, scores.data());
    for (std::uint32_t row = 0; row < block.numRows; ++row)
        for (std::uint32_t key = 0; key < keys; ++key)
            block.scores[row * block.stride + key] = double(scores[std::size_t(key) * line + row]);
}

/// How a head's refinement compares with the plain one.
struct RefinementCount {
    std::uint64_t refined = 0; ///< query blocks with something to choose
    std::uint64_t tied = 0; ///< of them, decided otherwise than in float64, on a near tie

    void join(const RefinementCount& other)
    {
        refined += other.refined;
        tied += other.tied;
    }
};

/// I2, I3 and the kept part of I4, for every query block: as many different blocks as the budget says, none
/// beyond the diagonal, the always-kept ones among them, the others those of the plain refinement in float64.
/// Where that meets a near tie, those of the plain refinement in float32 (keys of builtin:needle tie by the
/// dozen).
inline std::string followsTheRefinement(const HeadArrays& head, const HeadShape& shape,
                                        std::uint32_t keepKeys, StreamProbe probe, RefinementCount& count)
{
    const DenseHead reference(head, shape);
    DenseBlock dense;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask mask = runStream(head, shape, first, keepKeys, probe);
        for (std::uint32_t i = 0; i + 1 < mask.rowPtr.size(); ++i) {
            const std::uint32_t queryBlock = first / shape.grid.blockQ + i;
            const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
            const std::uint32_t candidates = always.recent > 1 ? always.recent - 1 : 0;
            const std::uint32_t budget =
                std::min(candidates, budgetBlocks(shape.grid, queryBlock, keepKeys) - always.count());
            const std::vector<std::uint32_t> found = blocksOf(mask, i);
            HEADWATER_EXPECT(std::adjacent_find(found.begin(), found.end(), std::greater_equal<>())
                                 == found.end(),
                             "I3: query block {} keeps a block twice", queryBlock);
            HEADWATER_EXPECT(found.size() == std::size_t(always.count() + budget),
                             "I3: query block {} keeps {} blocks, not {}", queryBlock, found.size(),
                             always.count() + budget);
            HEADWATER_EXPECT(found.back() == always.end - 1, "I4: query block {} keeps block {}", queryBlock,
                             found.back());
            std::vector<std::uint32_t> chosen;
            for (const std::uint32_t block : found)
                if (!always.contains(block))
                    chosen.push_back(block);
            HEADWATER_EXPECT(chosen.size() == budget, "query block {} lacks an always-kept block",
                             queryBlock);
            if (budget == 0 || budget == candidates)
                continue;
            reference.queryBlock(queryBlock, dense);
            PlainRefinement plain(shape, dense, candidates, budget, probe);
            HEADWATER_EXPECT_NONE(plain.run());
            ++count.refined;
            if (chosen == plain.blocks())
                continue;
            HEADWATER_EXPECT(plain.nearTie(), "query block {}: other blocks than the plain refinement's",
                             queryBlock);
            roundScores(head, dense);
            PlainRefinement rounded(shape, dense, candidates, budget, probe);
            HEADWATER_EXPECT_NONE(rounded.run());
            HEADWATER_EXPECT(chosen == rounded.blocks(),
                             "query block {}: a tie is not what float32 makes of it", queryBlock);
            ++count.tied;
        }
    }
    return {};
}

/// I1: a budget of all keys keeps every block, and attention over them is dense attention.
inline std::string largeBudgetIsDense(const HeadArrays& head, const HeadShape& shape, StreamProbe probe)
{
    double largest = 1;
    for (const float value : head.values)
        largest = std::max(largest, std::abs(double(value)));
    ExactScratch exactScratch;
    SparseScratch sparseScratch;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask mask = runStream(head, shape, first, head.tokens, probe);
        const QueryTile tile = head.tile(first);
        std::vector<float> dense(std::size_t(tile.numRows) * head.dim);
        std::vector<float> sparse(dense);
        denseTile(shape, head.keyValues(), tile, exactScratch, {dense.data(), head.dim});
        for (std::uint32_t i = 0; i + 1 < mask.rowPtr.size(); ++i) {
            const std::uint32_t causal = shape.grid.numCausalKeyBlocks(first / shape.grid.blockQ + i);
            HEADWATER_EXPECT(mask.rowPtr[i + 1] - mask.rowPtr[i] == causal,
                             "I1: {} of {} blocks in tile row {}", mask.rowPtr[i + 1] - mask.rowPtr[i],
                             causal, first);
            for (std::uint32_t block = 0; block < causal; ++block)
                HEADWATER_EXPECT(mask.keyBlock[mask.rowPtr[i] + block] == block, "I1: block {} is missing",
                                 block);
        }
        sparseTile(shape, head.keyValues(), tile, mask, sparseScratch, {sparse.data(), head.dim}, nullptr);
        for (std::size_t i = 0; i < dense.size(); ++i)
            HEADWATER_EXPECT(std::abs(double(dense[i]) - double(sparse[i])) <= 1e-5 * largest,
                             "I1: tile of row {}: output {} over all blocks, dense {}", first, sparse[i],
                             dense[i]);
    }
    return {};
}

/// I4: keys behind a query block never change its mask, whether they lie in later tiles or in its own.
inline std::string laterKeysDoNotMatter(HeadArrays head, const HeadShape& shape, std::uint32_t keepKeys)
{
    const std::uint32_t blockQ = shape.grid.blockQ;
    for (std::uint32_t first = (head.tokens - 1) / kTileRows * kTileRows; first > 0; first -= kTileRows) {
        const BlockMask before = runStream(head, shape, first, keepKeys, StreamProbe::First);
        const auto change = [&](std::uint32_t fromKey) {
            for (std::size_t i = std::size_t(fromKey) * head.dim; i < head.keys.size(); ++i)
                head.keys[i] = 100;
        };
        change(std::min(head.tokens, first + kTileRows));
        HEADWATER_EXPECT(runStream(head, shape, first, keepKeys, StreamProbe::First).keyBlock
                             == before.keyBlock,
                         "I4: keys behind the tile of row {} change it", first);
        // The last query block of the tile, then ever earlier ones, the first at the end.
        const auto blocks = static_cast<std::uint32_t>(before.rowPtr.size()) - 1;
        for (const std::uint32_t i : {blocks - 1, blocks / 2, blocks / 5, 0u}) {
            change(std::min(head.tokens, first + (i + 1) * blockQ));
            HEADWATER_EXPECT(blocksOf(runStream(head, shape, first, keepKeys, StreamProbe::First), i)
                                 == blocksOf(before, i),
                             "I4: keys behind query block {} change it", first / blockQ + i);
        }
    }
    return {};
}

/// I5: a tile's bytes depend on the tile alone, not on what its scratch memory was used for before.
inline std::string sameBytesInAnyOrder(const HeadArrays& head, const HeadShape& shape, std::uint32_t keepKeys)
{
    StreamScratch used;
    const std::uint32_t tiles = head.numTiles();
    for (std::uint32_t i = 0; i < tiles; ++i) {
        const std::uint32_t tile = i % 2 == 0 ? tiles - 1 - i / 2 : i / 2; // last, first, last but one, …
        BlockMask mask;
        streamTile(shape, head.keyValues(), head.tile(tile * kTileRows), keepKeys, StreamProbe::First, used,
                   mask);
        const BlockMask fresh = runStream(head, shape, tile * kTileRows, keepKeys, StreamProbe::First);
        HEADWATER_EXPECT(mask.keyBlock == fresh.keyBlock && mask.rowPtr == fresh.rowPtr,
                         "I5: tile {} depends on the tiles before it", tile);
    }
    return {};
}

} // namespace headwater::test
