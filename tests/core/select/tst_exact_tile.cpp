// SPDX-License-Identifier: Apache-2.0
#include "core/select/row_softmax.h"
#include "exact_checks.h"
#include "made_heads.h"

#include "support/statistics_of.h"

#include <QtTest>

using namespace headwater;
using namespace headwater::test;

class ExactTileTest : public QObject {
    Q_OBJECT

private slots:
    void rowKernels();
    void lanesOfTheReferenceArePlainSums();
    void equalsDense_data();
    void equalsDense();
    void peakOfABlockOfZerosIsAPair_data();
    void peakOfABlockOfZerosIsAPair();
    void scoresThatOverflowAreNaN();
    void anyWindowBeyondThePromptIsGlobal();
    void bytesDoNotDependOnThreads();
    void sinksAreFound();
    void denseTileGivesTheSameBits();
};

void ExactTileTest::rowKernels()
{
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, 8);
    for (std::size_t n = 1; n < 70; n += 3) {
        std::vector<float> x(n);
        for (float& v : x)
            v = normal(random);
        double top = *std::max_element(x.begin(), x.end());
        double sum = 0;
        for (const float v : x)
            sum += std::exp(double(v) - top);
        QCOMPARE(double(rowMax(x.data(), n)), top);
        std::vector<float> p = x;
        QVERIFY(std::abs(double(rowSoftmax(p.data(), n)) - (top + std::log(sum))) < 1e-5);
        for (std::size_t i = 0; i < n; ++i)
            QVERIFY(std::abs(double(p[i]) - std::exp(double(x[i]) - top) / sum) < 1e-6);
    }
    const float minusInfinity = -std::numeric_limits<float>::infinity();
    std::vector<float> none(20, minusInfinity);
    QCOMPARE(rowSoftmax(none.data(), none.size()), minusInfinity);
    QCOMPARE(none, std::vector<float>(20, 0.0f));
}

void ExactTileTest::lanesOfTheReferenceArePlainSums()
{
    for (const std::uint32_t window : {0u, 37u}) {
        const MadeHead head = makeHead("needles", 203, 21, 7);
        const HeadShape shape{
            {head.tokens, 8, 16}, window > 0 ? HeadKind::Sliding : HeadKind::Global, window};
        const DenseHead dense(head, shape);
        DenseBlock block;
        for (std::uint32_t row = 0; row < head.tokens; ++row) {
            dense.queryBlock(row / 8, block);
            const DenseRow plain = denseRow(head, shape, row);
            QVERIFY(std::abs(block.lse[row % 8] - plain.lse) < 1e-12);
            std::vector<double> output(head.dim, 0.0);
            for (std::uint32_t key = 0; key <= row; ++key) {
                QVERIFY(std::abs(block.rowOf(row)[key] - plain.p[key]) < 1e-13);
                for (std::uint32_t i = 0; i < head.dim; ++i)
                    output[i] += plain.p[key] * double(head.values[std::size_t(key) * head.dim + i]);
            }
            for (std::uint32_t i = 0; i < head.dim; ++i)
                QVERIFY(std::abs(block.output[std::size_t(row % 8) * head.dim + i] - output[i]) < 1e-12);
        }
    }
}

void ExactTileTest::equalsDense_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("dim");
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    QTest::addColumn<int>("window");
    QTest::addColumn<int>("keepKeys");
    QTest::addColumn<double>("keepPeak");
    QTest::newRow("random 16x16") << "random" << 700 << 64 << 16 << 16 << 0 << 128 << 0.0;
    QTest::newRow("topics 8x8") << "topics" << 1000 << 64 << 8 << 8 << 0 << 64 << 0.1;
    QTest::newRow("needles 64x32") << "needles" << 1500 << 64 << 64 << 32 << 0 << 256 << 0.1;
    QTest::newRow("needles 4x4") << "needles" << 520 << 32 << 4 << 4 << 0 << 32 << 0.02;
    QTest::newRow("local 4x256") << "local" << 900 << 16 << 4 << 256 << 0 << 300 << 0.1;
    QTest::newRow("topics 256x4") << "topics" << 777 << 24 << 256 << 4 << 0 << 300 << 0.1;
    QTest::newRow("needles 2048 tokens") << "needles" << 2048 << 64 << 16 << 16 << 0 << 128 << 0.1;
    QTest::newRow("one token") << "random" << 1 << 64 << 8 << 8 << 0 << 64 << 0.1;
    QTest::newRow("nine tokens") << "random" << 9 << 8 << 8 << 8 << 0 << 8 << 0.0;
    QTest::newRow("window 100") << "topics" << 1000 << 64 << 16 << 16 << 100 << 64 << 0.0;
    QTest::newRow("window 1") << "random" << 300 << 32 << 8 << 8 << 1 << 64 << 0.0;
    QTest::newRow("window 512, 64x32") << "local" << 1300 << 64 << 64 << 32 << 512 << 64 << 0.0;
    QTest::newRow("capped scores") << "capped" << 1000 << 64 << 16 << 16 << 0 << 128 << 0.1;
    QTest::newRow("capped, window 100") << "capped" << 600 << 24 << 8 << 8 << 100 << 64 << 0.0;
    QTest::newRow("budget above all") << "topics" << 600 << 64 << 16 << 16 << 0 << 4096 << 0.0;
}

void ExactTileTest::equalsDense()
{
    QFETCH(QString, kind);
    QFETCH(int, tokens);
    QFETCH(int, dim);
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    QFETCH(int, window);
    QFETCH(int, keepKeys);
    QFETCH(double, keepPeak);
    const MadeHead head = makeHead(kind.toStdString(), std::uint32_t(tokens), std::uint32_t(dim), 11);
    HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    if (window > 0)
        shape = {shape.grid, HeadKind::Sliding, std::uint32_t(window)};
    const KeepRule rule{std::uint32_t(keepKeys), float(keepPeak)};
    const WholeHead whole = runExact(head, shape, rule, 1);
    ExactComparison comparison(head, shape, rule, whole);
    HEADWATER_VERIFY_NONE(comparison.run());
}

void ExactTileTest::peakOfABlockOfZerosIsAPair_data()
{
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    QTest::addColumn<int>("window");
    for (const auto& [blockQ, blockK] : {std::pair{64, 32}, {64, 8}, {256, 4}, {16, 16}, {8, 64}})
        for (const int window : {0, 50})
            QTest::addRow("%dx%d, window %d", blockQ, blockK, window) << blockQ << blockK << window;
}

void ExactTileTest::peakOfABlockOfZerosIsAPair()
{
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    QFETCH(int, window);
    const MadeHead head = makeSinkHead(300, 16);
    HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    if (window > 0)
        shape = {shape.grid, HeadKind::Sliding, std::uint32_t(window)};
    const HeadRecord record = runExact(head, shape, {128, 0}, 1).record;
    bool zeros = false;
    for (std::uint32_t queryBlock = 0; queryBlock < shape.grid.numQueryBlocks(); ++queryBlock) {
        for (std::uint32_t edge = record.rowPtr[queryBlock]; edge < record.rowPtr[queryBlock + 1]; ++edge) {
            const std::uint32_t row = shape.grid.firstRow(queryBlock) + (record.peakAt[edge] >> 8);
            const std::uint32_t key =
                record.keyBlock[edge] * shape.grid.blockK + (record.peakAt[edge] & 0xFFu);
            QVERIFY2(row < shape.grid.endRow(queryBlock) && key <= row && key >= shape.firstKey(row),
                     qPrintable(QStringLiteral("row %1, key %2").arg(row).arg(key)));
            zeros = zeros || record.peak[edge] == 0;
        }
    }
    QVERIFY(window > 0 || zeros);
}

void ExactTileTest::scoresThatOverflowAreNaN()
{
    MadeHead head = makeHead("random", 300, 16, 4);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    for (std::uint32_t i = 0; i < head.dim; ++i)
        head.queries[std::size_t(270) * head.dim + i] = 3e38f;
    const WholeHead whole = runExact(head, shape, {128, 0}, 1);
    for (std::uint32_t row = 0; row < head.tokens; ++row)
        for (std::uint32_t i = 0; i < head.dim; ++i)
            QCOMPARE(std::isnan(whole.output[std::size_t(row) * head.dim + i]), row == 270);
    const MadeHead sink = makeSinkHead(300, 16); // zeros beside one key are numbers
    for (const float value : runExact(sink, shape, {128, 0}, 1).output)
        QVERIFY(std::isfinite(value));
}

void ExactTileTest::anyWindowBeyondThePromptIsGlobal()
{
    const MadeHead head = makeHead("needles", 400, 16, 4);
    const BlockGrid grid{head.tokens, 16, 16};
    const WholeHead global = runExact(head, {grid, HeadKind::Global, 0}, {head.tokens, 0}, 1);
    for (const std::uint32_t window : {400u, 1u << 22, 0x80000000u, 0xFFFFFF00u, 0xFFFFFFFFu}) {
        const WholeHead sliding = runExact(head, {grid, HeadKind::Sliding, window}, {head.tokens, 0}, 1);
        QVERIFY(sameBytes(sliding.output, global.output));
        QVERIFY(sameBytes(sliding.record.lse, global.record.lse));
        QCOMPARE(sumsOf(sliding.record).pairs().usable, sumsOf(global.record).pairs().usable);
    }
}

void ExactTileTest::bytesDoNotDependOnThreads()
{
    const MadeHead head = makeHead("needles", 1900, 64, 5);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const WholeHead one = runExact(head, shape, {128, 0.1f}, 1);
    for (const std::size_t threads : {2, 4}) {
        const WholeHead many = runExact(head, shape, {128, 0.1f}, threads);
        QVERIFY(sameBytes(one.record.rowPtr, many.record.rowPtr));
        QVERIFY(sameBytes(one.record.keyBlock, many.record.keyBlock));
        QVERIFY(sameBytes(one.record.mass, many.record.mass));
        QVERIFY(sameBytes(one.record.peak, many.record.peak));
        QVERIFY(sameBytes(one.record.peakAt, many.record.peakAt));
        QVERIFY(sameBytes(one.record.lse, many.record.lse));
        QVERIFY(sameBytes(one.record.missed, many.record.missed));
        QVERIFY(sameBytes(one.record.missedPeak, many.record.missedPeak));
        QVERIFY(sameBytes(one.output, many.output));
        QVERIFY(sameBytes(one.columns, many.columns));
    }
}

void ExactTileTest::sinksAreFound()
{
    const MadeHead head = makeHead("needles", 1500, 64, 8);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const WholeHead whole = runExact(head, shape, {128, 0.1f}, 1);
    std::vector<double> columns(head.tokens, 0.0);
    for (std::uint32_t row = 0; row < head.tokens; ++row) {
        const DenseRow dense = denseRow(head, shape, row);
        for (std::uint32_t key = 0; key <= row; ++key)
            columns[key] += dense.p[key];
    }
    for (std::uint32_t key = 0; key < head.tokens; ++key) {
        const double rows = head.tokens - key;
        QVERIFY(whole.columns[key] / rows <= columns[key] / rows + 1e-5);
        QVERIFY(whole.columns[key] / rows >= columns[key] / rows - 3.0 / 64);
    }
}

void ExactTileTest::denseTileGivesTheSameBits()
{
    const MadeHead head = makeHead("topics", 900, 64, 3);
    for (const std::uint32_t window : {0u, 200u}) {
        const HeadShape shape{
            {head.tokens, 16, 16}, window > 0 ? HeadKind::Sliding : HeadKind::Global, window};
        const WholeHead whole = runExact(head, shape, {128, 0.1f}, 1);
        std::vector<float> output(head.values.size());
        ExactScratch scratch;
        for (std::uint32_t first = 0; first < head.tokens; first += kTileRows)
            denseTile(shape, head.keyValues(), head.tile(first), scratch,
                      {output.data() + std::size_t(first) * head.dim, head.dim});
        QVERIFY(sameBytes(output, whole.output));
    }
}

QTEST_GUILESS_MAIN(ExactTileTest)
#include "tst_exact_tile.moc"
