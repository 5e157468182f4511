// SPDX-License-Identifier: Apache-2.0
// The invariants I1 to I8 of the interval refinement (algorithm.md §2.4) on made heads; I1 to I6 on those of
// models: tst_model_heads.cpp.
#include "made_heads.h"
#include "stream_checks.h"

#include <QtTest>

using namespace headwater;
using namespace headwater::test;

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
    RefinementCount count;
    HEADWATER_VERIFY_NONE(followsTheRefinement(head, shape, std::uint32_t(keepKeys), probe, count));
    QVERIFY(count.refined > 0);
    QCOMPARE(count.tied, 0u); // made numbers tie nowhere
}

void StreamTileTest::largeBudgetIsDense() // I1
{
    const MadeHead head = makeHead("needles", 900, 64, 9);
    for (const StreamProbe probe : {StreamProbe::First, StreamProbe::Middle})
        HEADWATER_VERIFY_NONE(
            test::largeBudgetIsDense(head, {{head.tokens, 16, 16}, HeadKind::Global, 0}, probe));
}

void StreamTileTest::laterKeysDoNotMatter() // I4
{
    const MadeHead head = makeHead("topics", 1024, 32, 4);
    HEADWATER_VERIFY_NONE(
        test::laterKeysDoNotMatter(head, {{head.tokens, 16, 16}, HeadKind::Global, 0}, 128));
}

void StreamTileTest::sameBytesInAnyOrder() // I5
{
    const MadeHead head = makeHead("topics", 1300, 32, 4);
    HEADWATER_VERIFY_NONE(test::sameBytesInAnyOrder(head, {{head.tokens, 8, 8}, HeadKind::Global, 0}, 96));
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
