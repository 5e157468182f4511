// SPDX-License-Identifier: Apache-2.0
#include "core/select/beam_pick.h"
#include "core/select/k_means.h"
#include "core/select/tree_tile.h"
#include "exact_checks.h"
#include "made_heads.h"
#include "support/counted_heap.h"
#include "tree_checks.h"

#include <QtTest>
#include <numeric>

using namespace headwater;
using namespace headwater::test;

namespace {

/// What a copy of it takes.
std::uint64_t heldBytes(const ContentTree& tree)
{
    const std::size_t before = test::heapInUse;
    const ContentTree copy = tree;
    return test::heapInUse - before - copy.levels().size() * sizeof(TreeLevel);
}

std::vector<BlockMask> runTree(const MadeHead& head, const HeadShape& shape, const ContentTree& tree,
                               std::uint32_t keepKeys, const TreeBeam& beam, std::size_t threads)
{
    std::vector<BlockMask> masks((head.tokens + kTileRows - 1) / kTileRows);
    ThreadPool pool(threads);
    std::vector<TreeScratch> scratch(pool.size());
    pool.parallelFor(masks.size(), [&](std::size_t index, std::size_t worker) {
        treeTile(shape, tree, head.tile(static_cast<std::uint32_t>(index) * kTileRows), keepKeys, beam,
                 scratch[worker], masks[index]);
    });
    return masks;
}

/// What a head keeps, tile by tile, as one record.
HeadRecord keptBy(const HeadShape& shape, const std::vector<BlockMask>& masks)
{
    HeadRecord kept;
    kept.grid = shape.grid;
    kept.rowPtr = {0};
    for (const BlockMask& mask : masks)
        for (std::uint32_t i = 0; i + 1 < mask.rowPtr.size(); ++i) {
            kept.keyBlock.insert(kept.keyBlock.end(), mask.keyBlock.begin() + mask.rowPtr[i],
                                 mask.keyBlock.begin() + mask.rowPtr[i + 1]);
            kept.rowPtr.push_back(static_cast<std::uint32_t>(kept.keyBlock.size()));
        }
    return kept;
}

/// The pseudo-code of fidelity.md in float64, one query block: the mass every key block is voted.
std::vector<double> votedMass(const MadeHead& head, const HeadShape& shape, const ContentTree& tree,
                              std::uint32_t queryBlock, const TreeBeam& beam)
{
    const std::uint32_t branching = tree.shape().branching;
    std::vector<double> mass(shape.grid.numCausalKeyBlocks(queryBlock), 0.0);
    for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock); ++row) {
        const float* const q = head.queries.data() + std::size_t(row) * head.dim;
        std::vector<std::uint32_t> live(1, 0);
        std::vector<std::uint32_t> opened;
        std::vector<double> rest;
        for (std::uint32_t level = 0; level < tree.shape().levels; ++level) {
            const TreeLevel& nodes = tree.levels()[level];
            struct Scored {
                double z;
                std::uint32_t node;
                std::uint32_t count;
            };
            std::vector<Scored> scored;
            for (const std::uint32_t parent : live)
                for (std::uint32_t node = parent * branching; node < (parent + 1) * branching; ++node) {
                    const auto begin = nodes.members.begin() + nodes.offset[node];
                    const auto end = nodes.members.begin() + nodes.offset[node + 1];
                    const auto count = static_cast<std::uint32_t>(
                        std::lower_bound(begin, end, shape.grid.endRow(queryBlock)) - begin);
                    if (count == 0)
                        continue;
                    double z = 0;
                    for (std::uint32_t i = 0; i < head.dim; ++i) {
                        double mean = 0;
                        double square = 0;
                        for (auto at = begin; at < end; ++at) {
                            const double k = double(head.keys[std::size_t(*at) * head.dim + i]);
                            mean += k / double(end - begin);
                            square += k * k / double(end - begin);
                        }
                        z += double(q[i]) * mean + 0.5 * double(q[i]) * double(q[i]) * (square - mean * mean);
                    }
                    scored.push_back({head.capped(z) + std::log(double(count)), node, count});
                }
            std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
                return a.z > b.z || (a.z == b.z && a.node < b.node);
            });
            live.clear();
            std::uint64_t keys = 0;
            for (const Scored& node : scored) {
                const bool last = level + 1 == tree.shape().levels;
                if (last ? keys < beam.keys : live.size() < beam.nodes)
                    live.push_back(node.node);
                else
                    rest.push_back(node.z);
                keys += node.count;
            }
        }
        std::vector<std::pair<std::uint32_t, double>> scores;
        for (const std::uint32_t leaf : live)
            for (std::uint32_t m = tree.leaves().offset[leaf]; m < tree.leaves().offset[leaf + 1]; ++m) {
                const std::uint32_t key = tree.leaves().members[m];
                if (key > row)
                    continue;
                double score = 0;
                for (std::uint32_t i = 0; i < head.dim; ++i)
                    score += double(q[i]) * double(head.keys[std::size_t(key) * head.dim + i]);
                scores.emplace_back(key, head.capped(score));
            }
        double top = -1e300;
        for (const auto& [key, score] : scores)
            top = std::max(top, score);
        for (const double z : rest)
            top = std::max(top, z);
        double sum = 0;
        for (const auto& [key, score] : scores)
            sum += std::exp(score - top);
        for (const double z : rest)
            sum += std::exp(z - top);
        for (const auto& [key, score] : scores)
            mass[key / shape.grid.blockK] += std::exp(score - top) / sum;
    }
    return mass;
}

} // namespace

class TreeTileTest : public QObject {
    Q_OBJECT

private slots:
    void shapes();
    void picksAreTheHeaviest();
    void treeHoldsEveryKeyOnce();
    void equalKeysDoNotMakeOneLeaf();
    void extendedTreeKeepsItsNodes();
    void releasedTreeIsMadeAgain();
    void equalsThePseudoCode_data();
    void equalsThePseudoCode();
    void openingAllEqualsExact_data();
    void openingAllEqualsExact();
    void cappedScores_keepTheHeaviest();
    void bytesDoNotDependOnThreads();
    void observedExtrasAreTheTruePeaks();
};

void TreeTileTest::shapes()
{
    // L = max(1, ceil(log32(T / 32))), b = ceil((T / 32)^(1 / L)).
    const auto is = [](std::uint32_t tokens, std::uint32_t levels, std::uint32_t branching) {
        const TreeShape shape = treeShape(tokens, 0);
        return shape.levels == levels && shape.branching == branching;
    };
    QVERIFY(is(1, 1, 2));
    QVERIFY(is(1024, 1, 32));
    QVERIFY(is(1025, 2, 6));
    QVERIFY(is(8192, 2, 16));
    QVERIFY(is(32768, 2, 32));
    QVERIFY(is(32769, 3, 11));
    QVERIFY(is(1048576, 3, 32));
    QCOMPARE(treeShape(8192, 1).branching, 256u);
    QCOMPARE(treeShape(8192, 3).branching, 7u);
}

void TreeTileTest::picksAreTheHeaviest()
{
    std::mt19937 random(2);
    PickScratch scratch;
    std::vector<std::uint32_t> picked;
    for (int round = 0; round < 300; ++round) {
        const auto n = static_cast<std::uint32_t>(16 * (1 + random() % 20));
        std::vector<float> scores(n);
        std::vector<float> weights(n);
        for (std::uint32_t i = 0; i < n; ++i) {
            // Few different values, so that ties are common; some slots are dropped.
            scores[i] = round % 3 == 0 ? static_cast<float>(random() % 7)
                                       : std::normal_distribution<float>(0, 20)(random);
            if (random() % 5 == 0)
                scores[i] = -std::numeric_limits<float>::infinity();
            weights[i] = static_cast<float>(random() % 50);
        }
        const bool weighted = round % 2 == 0;
        const auto wanted = static_cast<float>(random() % (weighted ? 600u : 40u));
        std::vector<std::uint32_t> order(n);
        std::iota(order.begin(), order.end(), 0u);
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
        std::vector<std::uint32_t> expected;
        float taken = 0;
        for (const std::uint32_t slot : order) {
            if (taken >= wanted || std::isinf(scores[slot]))
                break;
            expected.push_back(slot);
            taken += weighted ? weights[slot] : 1.0f;
        }
        std::sort(expected.begin(), expected.end());
        std::vector<float> left = scores;
        pickHeaviest(left.data(), weighted ? weights.data() : nullptr, n, wanted, scratch, picked);
        QCOMPARE(picked, expected);
        for (const std::uint32_t slot : picked)
            scores[slot] = -std::numeric_limits<float>::infinity();
        QCOMPARE(left, scores);
    }
}

void TreeTileTest::treeHoldsEveryKeyOnce()
{
    const MadeHead head = makeHead("topics", 1700, 32, 3);
    ThreadPool pool(2);
    for (const std::uint32_t levels : {0u, 1u, 3u}) {
        const TreeShape shape = treeShape(head.tokens, levels);
        const ContentTree tree = ContentTree::build(head.keyValues(), shape, 5, nullptr);
        const ContentTree again = ContentTree::build(head.keyValues(), shape, 5, &pool);
        for (std::uint32_t level = 0; level < shape.levels; ++level) {
            const TreeLevel& nodes = tree.levels()[level];
            QVERIFY(sameBytes(nodes.members, again.levels()[level].members));
            QVERIFY(sameBytes(nodes.offset, again.levels()[level].offset));
            QVERIFY(sameBytes(nodes.packed, again.levels()[level].packed));
            std::vector<bool> seen(head.tokens, false);
            for (std::uint32_t node = 0; node < nodes.numNodes; ++node)
                for (std::uint32_t m = nodes.offset[node]; m < nodes.offset[node + 1]; ++m) {
                    QVERIFY(!seen[nodes.members[m]]);
                    seen[nodes.members[m]] = true;
                    QVERIFY(m == nodes.offset[node] || nodes.members[m - 1] < nodes.members[m]);
                }
            QCOMPARE(std::size_t(std::count(seen.begin(), seen.end(), true)), seen.size());
            // A child's members are its parent's.
            if (level > 0) {
                const TreeLevel& parents = tree.levels()[level - 1];
                for (std::uint32_t parent = 0; parent < parents.numNodes; ++parent)
                    QCOMPARE(nodes.offset[parent * shape.branching], parents.offset[parent]);
            }
        }
    }
}

void TreeTileTest::equalKeysDoNotMakeOneLeaf()
{
    MadeHead head = makeHead("random", 4096, 16, 3);
    for (std::size_t i = 0; i < head.keys.size(); ++i)
        head.keys[i] = i / head.dim % 64 == 5 ? head.keys[i] : 0.25f;
    const ContentTree tree = ContentTree::build(head.keyValues(), treeShape(head.tokens, 0), 5, nullptr);
    std::uint32_t largest = 0;
    for (std::uint32_t leaf = 0; leaf < tree.leaves().numNodes; ++leaf)
        largest = std::max(largest, tree.leaves().size(leaf));
    QVERIFY2(largest <= 256, qPrintable(QString::number(largest)));
}

void TreeTileTest::extendedTreeKeepsItsNodes()
{
    const MadeHead head = makeHead("topics", 1400, 32, 3);
    KeyValues prompt = head.keyValues();
    prompt.length = 1300;
    ContentTree tree = ContentTree::build(prompt, treeShape(prompt.length, 0), 5, nullptr);
    const std::vector<float> packed = tree.levels()[0].packed;
    const std::vector<std::uint32_t> before = tree.leaves().offset;
    tree.extend(head.keyValues());
    QCOMPARE(tree.length(), 1400u);
    QVERIFY(sameBytes(packed, tree.levels()[0].packed));
    QCOMPARE(tree.leaves().members.size(), std::size_t(1400));
    QVERIFY(tree.leaves().offset.back() == before.back() + 100);
    // The selection of the last tile works with it, and every mask stays causal.
    TreeScratch scratch;
    BlockMask mask;
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    treeTile(shape, tree, head.tile(1280), 128, {16, 256}, scratch, mask);
    for (std::uint32_t i = 0; i + 1 < mask.rowPtr.size(); ++i)
        QVERIFY(mask.keyBlock[mask.rowPtr[i + 1] - 1] == shape.grid.numCausalKeyBlocks(1280 / 16 + i) - 1);
}

/// Nothing is lost by a release: extended, it has the bytes of a tree that was never released.
void TreeTileTest::releasedTreeIsMadeAgain()
{
    const MadeHead head = makeHead("topics", 3000, 32, 3);
    for (const std::uint32_t levels : {1u, 2u, 3u}) {
        for (const std::uint32_t length : {2900u, 3000u}) { // with keys added, and with none
            KeyValues prompt = head.keyValues();
            prompt.length = length;
            ContentTree whole = ContentTree::build(prompt, treeShape(length, levels), 5, nullptr);
            ContentTree released = whole;
            released.release();
            const std::uint64_t full = heldBytes(whole);
            QVERIFY(full <= ContentTree::bytes(whole.shape(), length, head.dim) * 11 / 10);
            QVERIFY(full * 13 / 10 >= ContentTree::bytes(whole.shape(), length, head.dim));
            const std::uint64_t left = heldBytes(released);
            QVERIFY(left <= ContentTree::releasedBytes(whole.shape(), length, head.dim) + 64);
            QVERIFY(left + 64 >= ContentTree::releasedBytes(whole.shape(), length, head.dim));
            QVERIFY(left < full / 2);
            whole.extend(head.keyValues());
            released.extend(head.keyValues());
            for (std::uint32_t level = 0; level < levels; ++level) {
                const TreeLevel& a = whole.levels()[level];
                const TreeLevel& b = released.levels()[level];
                QVERIFY(sameBytes(a.offset, b.offset) && sameBytes(a.members, b.members));
                QVERIFY(sameBytes(a.packed, b.packed) && sameBytes(a.moments, b.moments));
                QCOMPARE(b.members.size(), std::size_t(head.tokens));
            }
            for (std::uint32_t leaf = 0; leaf < whole.leaves().numNodes; ++leaf) {
                QCOMPARE(whole.leafLanes(leaf), released.leafLanes(leaf));
                const std::size_t count = std::size_t(whole.leafLanes(leaf)) * head.dim;
                QVERIFY(std::memcmp(whole.leafKeys(leaf), released.leafKeys(leaf), count * sizeof(float))
                        == 0);
            }
        }
    }
}

void TreeTileTest::equalsThePseudoCode_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("levels");
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("keys");
    QTest::newRow("two levels") << "topics" << 2 << 4 << 200;
    QTest::newRow("three levels") << "needles" << 3 << 3 << 100;
    QTest::newRow("flat clusters") << "needles" << 1 << 16 << 150;
    QTest::newRow("default beam") << "topics" << 0 << 16 << 1024;
    QTest::newRow("capped scores") << "capped" << 2 << 4 << 200;
}

void TreeTileTest::equalsThePseudoCode()
{
    QFETCH(QString, kind);
    QFETCH(int, levels);
    QFETCH(int, nodes);
    QFETCH(int, keys);
    const MadeHead head = makeHead(kind.toStdString(), 1500, 24, 17);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const TreeBeam beam{std::uint32_t(nodes), std::uint32_t(keys)};
    const ContentTree tree =
        ContentTree::build(head.keyValues(), treeShape(head.tokens, std::uint32_t(levels)), 9, nullptr);
    const std::uint32_t keepKeys = 160;
    const std::vector<BlockMask> masks = runTree(head, shape, tree, keepKeys, beam, 1);
    std::uint32_t different = 0;
    std::uint32_t compared = 0;
    for (std::uint32_t queryBlock = 2; queryBlock < shape.grid.numQueryBlocks(); queryBlock += 9) {
        const std::vector<double> mass = votedMass(head, shape, tree, queryBlock, beam);
        std::vector<float> rounded(mass.begin(), mass.end());
        std::vector<std::uint32_t> expected;
        keepHeaviest(shape.grid, queryBlock, keepKeys, rounded, true, expected);
        const BlockMask& mask = masks[queryBlock / 16];
        const std::uint32_t inTile = queryBlock % 16;
        const std::vector<std::uint32_t> found(mask.keyBlock.begin() + mask.rowPtr[inTile],
                                               mask.keyBlock.begin() + mask.rowPtr[inTile + 1]);
        std::vector<std::uint32_t> onlyOne;
        std::set_symmetric_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                                      std::back_inserter(onlyOne));
        // Scores that differ in their last bits may open another leaf: rare, and only near the threshold.
        different += static_cast<std::uint32_t>(onlyOne.size());
        compared += static_cast<std::uint32_t>(expected.size());
    }
    QVERIFY2(different * 50 <= compared, qPrintable(QString("%1 of %2").arg(different).arg(compared)));
}

void TreeTileTest::openingAllEqualsExact_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("levels");
    QTest::newRow("topics") << "topics" << 0;
    QTest::newRow("needles") << "needles" << 0;
    QTest::newRow("random") << "random" << 0;
    QTest::newRow("flat") << "needles" << 1;
    QTest::newRow("capped scores") << "capped" << 0;
}

void TreeTileTest::openingAllEqualsExact()
{
    QFETCH(QString, kind);
    QFETCH(int, levels);
    const MadeHead head = makeHead(kind.toStdString(), 2000, 64, 23);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const TreeShape treeOf = treeShape(head.tokens, std::uint32_t(levels));
    const ContentTree tree = ContentTree::build(head.keyValues(), treeOf, 9, nullptr);
    const WholeHead exact = runExact(head, shape, {128, 0}, 1, nullptr, false);
    const HeadRecord chosen =
        keptBy(shape, runTree(head, shape, tree, 128, {treeOf.branching, head.tokens}, 1));
    QCOMPARE(chosen.rowPtr, exact.record.rowPtr);
    TreeTies ties;
    HEADWATER_VERIFY_NONE(
        keepTheSameBlocks(exact.record, runExact(head, shape, {}, 1, &chosen, false).record, ties));
}

/// The estimate of a node under a cap is rough; what is kept by it holds nearly the mass that the best blocks
/// hold.
void TreeTileTest::cappedScores_keepTheHeaviest()
{
    const MadeHead head = makeHead("capped", 4096, 64, 23);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const ContentTree tree = ContentTree::build(head.keyValues(), treeShape(head.tokens, 0), 9, nullptr);
    const WholeHead best = runExact(head, shape, {256, 0}, 2, nullptr, false);
    const HeadRecord chosen = keptBy(shape, runTree(head, shape, tree, 256, {16, 1024}, 2));
    const WholeHead found = runExact(head, shape, {}, 2, &chosen, false);
    const double most = std::accumulate(best.kept.begin(), best.kept.end(), 0.0);
    const double kept = std::accumulate(found.kept.begin(), found.kept.end(), 0.0);
    qInfo("%.4f of the largest mass that as many blocks can hold, %.3f", kept / most, most / head.tokens);
    QVERIFY(kept >= 0.95 * most);
}

void TreeTileTest::bytesDoNotDependOnThreads()
{
    const MadeHead head = makeHead("needles", 3000, 64, 5);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const ContentTree tree = ContentTree::build(head.keyValues(), treeShape(head.tokens, 0), 9, nullptr);
    const std::vector<BlockMask> one = runTree(head, shape, tree, 128, {16, 512}, 1);
    for (const std::size_t threads : {2, 3}) {
        const std::vector<BlockMask> many = runTree(head, shape, tree, 128, {16, 512}, threads);
        for (std::size_t tile = 0; tile < one.size(); ++tile) {
            QCOMPARE(many[tile].rowPtr, one[tile].rowPtr);
            QCOMPARE(many[tile].keyBlock, one[tile].keyBlock);
        }
    }
}

void TreeTileTest::observedExtrasAreTheTruePeaks()
{
    const MadeHead head = makeHead("needles", 1500, 64, 5);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const ContentTree tree = ContentTree::build(head.keyValues(), treeShape(head.tokens, 0), 9, nullptr);
    // Few keys are opened, so that the estimate of a row's rest is rough: extras must not depend on it.
    const std::vector<BlockMask> masks = runTree(head, shape, tree, 64, {1, 32}, 1);
    ExactScratch scratch;
    std::uint64_t extras = 0;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask& mask = masks[first / kTileRows];
        QCOMPARE(mask.extras.edges, 0u);
        TileRecord record;
        exactTile(shape, head.keyValues(), head.tile(first), {64, 0.1f, &mask}, scratch, {}, record);
        std::uint64_t edges = 0;
        std::uint64_t pairs = 0;
        for (std::uint32_t inTile = 0; inTile + 1 < mask.rowPtr.size(); ++inTile) {
            const std::uint32_t queryBlock = first / 16 + inTile;
            std::vector<bool> strong(shape.grid.numCausalKeyBlocks(queryBlock), false);
            for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock);
                 ++row) {
                const DenseRow dense = denseRow(head, shape, row);
                for (std::uint32_t key = 0; key <= row; ++key)
                    strong[key / 16] = strong[key / 16] || dense.p[key] >= 0.1;
            }
            const auto begin = mask.keyBlock.begin() + mask.rowPtr[inTile];
            const auto end = mask.keyBlock.begin() + mask.rowPtr[inTile + 1];
            std::vector<std::uint32_t> expected(begin, end);
            for (std::uint32_t block = 0; block < strong.size(); ++block) {
                if (!strong[block] || std::binary_search(begin, end, block))
                    continue;
                expected.push_back(block);
                ++edges;
                pairs += pairsOf(shape, queryBlock, block);
            }
            std::sort(expected.begin(), expected.end());
            QCOMPARE(
                std::vector<std::uint32_t>(record.mask.keyBlock.begin() + record.mask.rowPtr[inTile],
                                           record.mask.keyBlock.begin() + record.mask.rowPtr[inTile + 1]),
                expected);
        }
        QCOMPARE(record.mask.extras.edges, edges);
        QCOMPARE(record.mask.extras.pairs, pairs);
        extras += edges;
    }
    QVERIFY(extras > 0);
}

QTEST_GUILESS_MAIN(TreeTileTest)
#include "tst_tree_tile.moc"
