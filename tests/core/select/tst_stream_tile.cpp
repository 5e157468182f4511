// SPDX-License-Identifier: Apache-2.0
// The invariants I1 to I8 of the interval refinement (algorithm.md §2.4).
#include "core/select/exact_tile.h"
#include "core/select/sparse_tile.h"
#include "core/select/stream_tile.h"
#include "made_heads.h"

#include <QtTest>
#include <set>

using namespace headwater;
using namespace headwater::test;

namespace {

BlockMask runStream(const MadeHead& head, const HeadShape& shape, std::uint32_t firstRow,
                    std::uint32_t keepKeys, StreamProbe probe)
{
    StreamScratch scratch;
    BlockMask mask;
    streamTile(shape, head.keyValues(), head.tile(firstRow), keepKeys, probe, scratch, mask);
    return mask;
}

std::vector<std::uint32_t> blocksOf(const BlockMask& mask, std::uint32_t inTile)
{
    return {mask.keyBlock.begin() + mask.rowPtr[inTile], mask.keyBlock.begin() + mask.rowPtr[inTile + 1]};
}

double probeScore(const MadeHead& head, const HeadShape& shape, std::uint32_t queryBlock,
                  std::uint32_t firstKey, std::uint32_t numKeys)
{
    double best = -1e300;
    const std::uint32_t rows = shape.grid.endRow(queryBlock) - shape.grid.firstRow(queryBlock);
    for (std::uint32_t r = rows > 1 ? 1 : 0; r < rows; r += 2)
        for (std::uint32_t key = firstKey; key < firstKey + numKeys; ++key) {
            double score = 0;
            for (std::uint32_t i = 0; i < head.dim; ++i)
                score += double(head.queries[std::size_t(shape.grid.firstRow(queryBlock) + r) * head.dim + i])
                    * double(head.keys[std::size_t(key) * head.dim + i]);
            best = std::max(best, score);
        }
    return best;
}

/// The refinement written down plainly, with I2 and I3 checked on the way: which of the `candidates` blocks
/// from block 1 on are kept.
std::vector<std::uint32_t> refinePlainly(const MadeHead& head, const HeadShape& shape,
                                         std::uint32_t queryBlock, std::uint32_t candidates,
                                         std::uint32_t budget, StreamProbe probe, bool& invariants)
{
    struct Node {
        std::uint32_t low;
        std::uint32_t count;
        double score;
    };
    std::vector<Node> nodes;
    for (std::uint32_t i = 0; i < budget; ++i) {
        const std::uint32_t low = i * candidates / budget;
        nodes.push_back({low, (i + 1) * candidates / budget - low, 0});
    }
    int rounds = 0;
    const auto longest = [&] {
        return std::max_element(nodes.begin(), nodes.end(),
                                [](auto& a, auto& b) { return a.count < b.count; })
            ->count;
    };
    while (longest() > 1) {
        ++rounds;
        std::uint32_t before = 0;
        std::uint32_t after = 0;
        std::set<std::uint32_t> covered;
        std::vector<Node> children;
        for (const Node& node : nodes) {
            before += node.count;
            for (const Node child : {Node{node.low, node.count / 2, 0},
                                     Node{node.low + node.count / 2, node.count - node.count / 2, 0}}) {
                if (child.count == 0)
                    continue;
                after += child.count;
                for (std::uint32_t i = 0; i < child.count; ++i)
                    invariants =
                        invariants && covered.insert(child.low + i).second && child.low + i < candidates;
                const std::uint32_t firstKey = (1 + child.low) * shape.grid.blockK;
                children.push_back({child.low, child.count,
                                    probe == StreamProbe::First
                                        ? probeScore(head, shape, queryBlock, firstKey, shape.grid.blockK)
                                        : probeScore(head, shape, queryBlock,
                                                     firstKey + child.count * shape.grid.blockK / 2, 1)});
            }
        }
        invariants = invariants && before == after; // I2
        std::stable_sort(children.begin(), children.end(),
                         [](auto& a, auto& b) { return a.score > b.score; });
        children.resize(budget);
        std::sort(children.begin(), children.end(), [](auto& a, auto& b) { return a.low < b.low; });
        nodes = children;
    }
    const double widest = std::ceil(double(candidates) / budget);
    invariants = invariants && rounds <= std::ceil(std::log2(widest)); // I3
    std::vector<std::uint32_t> blocks;
    for (const Node& node : nodes)
        blocks.push_back(1 + node.low);
    return blocks;
}

} // namespace

class StreamTileTest : public QObject {
    Q_OBJECT

private slots:
    void equalsPlainRefinement_data();
    void equalsPlainRefinement();
    void largeBudgetIsDense();
    void laterKeysDoNotMatter();
    void sameBytesInAnyOrder();
    void headsAreIndependent();
    void constantIntervalsGiveTopK();
    void spikeOutsideTheProbesIsMissed();
};

void StreamTileTest::equalsPlainRefinement_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    QTest::addColumn<int>("keepKeys");
    QTest::addColumn<bool>("middle");
    for (const bool middle : {false, true}) {
        const char* const probe = middle ? "middle" : "first";
        QTest::addRow("16x16 %s", probe) << "topics" << 16 << 16 << 160 << middle;
        QTest::addRow("8x4 %s", probe) << "needles" << 8 << 4 << 60 << middle;
        QTest::addRow("64x32 %s", probe) << "topics" << 64 << 32 << 224 << middle;
        QTest::addRow("4x4 one more than always %s", probe) << "random" << 4 << 4 << 16 << middle;
    }
}

void StreamTileTest::equalsPlainRefinement()
{
    QFETCH(QString, kind);
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    QFETCH(int, keepKeys);
    QFETCH(bool, middle);
    const MadeHead head = makeHead(kind.toStdString(), 1501, 32, 31);
    const HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    const StreamProbe probe = middle ? StreamProbe::Middle : StreamProbe::First;
    bool invariants = true;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask mask = runStream(head, shape, first, std::uint32_t(keepKeys), probe);
        for (std::uint32_t i = 0; i + 1 < mask.rowPtr.size(); ++i) {
            const std::uint32_t queryBlock = first / shape.grid.blockQ + i;
            const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
            const std::uint32_t candidates = always.recent > 1 ? always.recent - 1 : 0;
            const std::uint32_t budget = std::min(
                candidates, budgetBlocks(shape.grid, queryBlock, std::uint32_t(keepKeys)) - always.count());
            const std::vector<std::uint32_t> found = blocksOf(mask, i);
            // I3 and I4: so many different blocks, none beyond the diagonal, the always-kept ones among them.
            QVERIFY(std::adjacent_find(found.begin(), found.end(), std::greater_equal<>()) == found.end());
            QCOMPARE(found.size(), std::size_t(always.count() + budget));
            QVERIFY(found.back() == always.end - 1);
            if (budget == 0 || budget == candidates)
                continue;
            std::vector<std::uint32_t> chosen;
            for (const std::uint32_t block : found)
                if (!always.contains(block))
                    chosen.push_back(block);
            QCOMPARE(chosen, refinePlainly(head, shape, queryBlock, candidates, budget, probe, invariants));
        }
    }
    QVERIFY(invariants);
}

void StreamTileTest::largeBudgetIsDense() // I1
{
    const MadeHead head = makeHead("needles", 900, 64, 9);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    ExactScratch exactScratch;
    SparseScratch sparseScratch;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask mask = runStream(head, shape, first, head.tokens, StreamProbe::First);
        const QueryTile tile = head.tile(first);
        std::vector<float> dense(std::size_t(tile.numRows) * head.dim);
        std::vector<float> sparse(dense);
        TileRecord record;
        exactTile(shape, head.keyValues(), tile, {head.tokens, 0}, exactScratch, {dense.data(), head.dim},
                  record);
        QCOMPARE(mask.keyBlock, record.mask.keyBlock);
        sparseTile(shape, head.keyValues(), tile, mask, sparseScratch, {sparse.data(), head.dim}, nullptr);
        for (std::size_t i = 0; i < dense.size(); ++i)
            QVERIFY(std::abs(dense[i] - sparse[i]) < 1e-5f);
    }
}

void StreamTileTest::laterKeysDoNotMatter() // I4
{
    MadeHead head = makeHead("topics", 1024, 32, 4);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const BlockMask before = runStream(head, shape, 512, 128, StreamProbe::First);
    for (std::size_t i = std::size_t(768) * head.dim; i < head.keys.size(); ++i)
        head.keys[i] = 100;
    // Keys inside the tile, but after its first query block.
    const std::vector<std::uint32_t> firstBlock = blocksOf(before, 0);
    QCOMPARE(runStream(head, shape, 512, 128, StreamProbe::First).keyBlock, before.keyBlock);
    for (std::size_t i = std::size_t(528) * head.dim; i < head.keys.size(); ++i)
        head.keys[i] = 100;
    QCOMPARE(blocksOf(runStream(head, shape, 512, 128, StreamProbe::First), 0), firstBlock);
}

void StreamTileTest::sameBytesInAnyOrder() // I5
{
    const MadeHead head = makeHead("topics", 1300, 32, 4);
    const HeadShape shape{{head.tokens, 8, 8}, HeadKind::Global, 0};
    StreamScratch used;
    for (const std::uint32_t first : {1280u, 0u, 512u, 1024u, 256u, 768u}) {
        BlockMask mask;
        streamTile(shape, head.keyValues(), head.tile(first), 96, StreamProbe::First, used, mask);
        const BlockMask fresh = runStream(head, shape, first, 96, StreamProbe::First);
        QCOMPARE(mask.keyBlock, fresh.keyBlock);
        QCOMPARE(mask.rowPtr, fresh.rowPtr);
    }
}

void StreamTileTest::headsAreIndependent() // I6
{
    const MadeHead one = makeHead("topics", 1024, 32, 4);
    MadeHead two = one; // the same K, another query head of the group
    two.queries = makeHead("random", 1024, 32, 5).queries;
    const HeadShape shape{{one.tokens, 16, 16}, HeadKind::Global, 0};
    const BlockMask first = runStream(one, shape, 768, 128, StreamProbe::First);
    const BlockMask second = runStream(two, shape, 768, 128, StreamProbe::First);
    QVERIFY(first.keyBlock != second.keyBlock);
    QCOMPARE(runStream(one, shape, 768, 128, StreamProbe::First).keyBlock, first.keyBlock);
}

void StreamTileTest::constantIntervalsGiveTopK() // I7
{
    // 16 candidates behind block 0, 8 of them kept: pairs of blocks with one score each.
    MadeHead head = makeHead("random", 304, 8, 6);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const std::uint32_t queryBlock = 18; // recent block 17: candidates 1 to 16
    const int order[8] = {3, 7, 1, 6, 0, 5, 2, 4};
    std::fill(head.queries.begin(), head.queries.end(), 0.0f);
    for (std::uint32_t row = 0; row < head.tokens; ++row)
        head.queries[std::size_t(row) * head.dim] = 1;
    for (std::uint32_t block = 1; block <= 16; ++block)
        for (std::uint32_t key = block * 16; key < block * 16 + 16; ++key)
            head.keys[std::size_t(key) * head.dim] = static_cast<float>(order[(block - 1) / 2]);
    const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
    QCOMPARE(always.recent, 17u);
    const std::uint32_t keepKeys = (always.count() + 8) * 16;
    const std::vector<std::uint32_t> found =
        blocksOf(runStream(head, shape, 256, keepKeys, StreamProbe::First), queryBlock - 16);
    for (std::uint32_t block = 1; block <= 16; ++block)
        QCOMPARE(std::binary_search(found.begin(), found.end(), block), order[(block - 1) / 2] >= 4);
}

void StreamTileTest::spikeOutsideTheProbesIsMissed() // I8
{
    // With one interval to choose, the first block of the halves is probed: the spike sits in the last block.
    for (const StreamProbe probe : {StreamProbe::First, StreamProbe::Middle}) {
        MadeHead head = makeHead("random", 1024, 8, 6);
        const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
        std::fill(head.queries.begin(), head.queries.end(), 0.0f);
        std::fill(head.keys.begin(), head.keys.end(), 0.0f);
        for (std::uint32_t row = 0; row < head.tokens; ++row)
            head.queries[std::size_t(row) * head.dim] = 1;
        const std::uint32_t spike = 30 * 16 + 3;
        head.keys[std::size_t(spike) * head.dim] = 50;
        const std::uint32_t queryBlock = 63;
        const std::uint32_t keepKeys = (alwaysKept(shape.grid, queryBlock).count() + 1) * 16;
        const std::vector<std::uint32_t> found =
            blocksOf(runStream(head, shape, 768, keepKeys, probe), queryBlock - 48);
        QVERIFY(!std::binary_search(found.begin(), found.end(), spike / 16));
        // It is caught by the exact record: nearly everything is missed.
        ExactScratch scratch;
        TileRecord record;
        BlockMask mask = runStream(head, shape, 768, keepKeys, probe);
        KeepRule rule;
        rule.mask = &mask;
        exactTile(shape, head.keyValues(), head.tile(768), rule, scratch, {}, record);
        QVERIFY(record.missed.back() > 0.99f);
    }
}

QTEST_GUILESS_MAIN(StreamTileTest)
#include "tst_stream_tile.moc"
