// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/thread_pool.h"
#include "core/select/exact_tile.h"
#include "core/select/row_softmax.h"
#include "made_heads.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace headwater;
using namespace headwater::test;

namespace {

struct WholeHead {
    HeadRecord record;
    std::vector<float> output;
    std::vector<float> kept;
    std::vector<double> columns;
};

/// Runs every tile of a head, in `threads` threads, and joins the tiles in order.
WholeHead runExact(const MadeHead& head, const HeadShape& shape, const KeepRule& rule, std::size_t threads)
{
    const std::uint32_t tiles = (head.tokens + kTileRows - 1) / kTileRows;
    std::vector<TileRecord> records(tiles);
    WholeHead whole;
    whole.output.resize(head.values.size());
    ThreadPool pool(threads);
    std::vector<ExactScratch> scratch(pool.size());
    pool.parallelFor(tiles, [&](std::size_t index, std::size_t worker) {
        const QueryTile tile = head.tile(static_cast<std::uint32_t>(tiles - 1 - index) * kTileRows);
        exactTile(shape, head.keyValues(), tile, rule, scratch[worker],
                  {whole.output.data() + std::size_t(tile.firstRow) * head.dim, head.dim},
                  records[tiles - 1 - index]);
    });
    whole.columns.assign(head.tokens, 0.0);
    for (const TileRecord& tile : records) {
        appendTile(whole.record, tile);
        whole.kept.insert(whole.kept.end(), tile.kept.begin(), tile.kept.end());
        for (const ColumnSum& column : tile.columns)
            whole.columns[column.key] += column.sum;
    }
    return whole;
}

/// All rows of a query block, dense, and the mean mass of every block.
struct DenseBlock {
    std::vector<DenseRow> rows;
    std::vector<double> mass;
    std::vector<double> peak;
};

DenseBlock denseBlock(const MadeHead& head, const HeadShape& shape, std::uint32_t queryBlock)
{
    DenseBlock block;
    block.mass.assign(shape.grid.numCausalKeyBlocks(queryBlock), 0.0);
    block.peak = block.mass;
    const std::uint32_t first = shape.grid.firstRow(queryBlock);
    const std::uint32_t end = shape.grid.endRow(queryBlock);
    for (std::uint32_t row = first; row < end; ++row) {
        block.rows.push_back(denseRow(head, shape, row));
        for (std::uint32_t key = 0; key <= row; ++key) {
            const double p = block.rows.back().p[key];
            block.mass[key / shape.grid.blockK] += p / (end - first);
            double& peak = block.peak[key / shape.grid.blockK];
            peak = std::max(peak, p);
        }
    }
    return block;
}

} // namespace

class ExactTileTest : public QObject {
    Q_OBJECT

private slots:
    void rowKernels();
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
        QVERIFY(std::abs(double(logSumExp(x.data(), n)) - (top + std::log(sum))) < 1e-5);
        std::vector<float> p = x;
        QVERIFY(std::abs(double(rowSoftmax(p.data(), n)) - (top + std::log(sum))) < 1e-5);
        for (std::size_t i = 0; i < n; ++i)
            QVERIFY(std::abs(double(p[i]) - std::exp(double(x[i]) - top) / sum) < 1e-6);
    }
    const float minusInfinity = -std::numeric_limits<float>::infinity();
    std::vector<float> none(20, minusInfinity);
    QCOMPARE(logSumExp(none.data(), none.size()), minusInfinity);
    QCOMPARE(logSumExp(none.data(), 0), minusInfinity);
    QCOMPARE(rowSoftmax(none.data(), none.size()), minusInfinity);
    QCOMPARE(none, std::vector<float>(20, 0.0f));
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
    const HeadRecord& record = whole.record;
    QCOMPARE(record.rowPtr.size(), std::size_t(shape.grid.numQueryBlocks() + 1));
    QCOMPARE(record.numRows, head.tokens);
    std::uint64_t keptPairs = 0;
    std::uint64_t usablePairs = 0;
    std::uint64_t extraEdges = 0;
    double tokenZeroFar = 0;
    for (std::uint32_t queryBlock = 0; queryBlock < shape.grid.numQueryBlocks(); ++queryBlock) {
        const DenseBlock dense = denseBlock(head, shape, queryBlock);
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        double lightestKept = 1;
        double heaviestUnkept = 0;
        std::uint32_t inBudget = 0;
        for (std::uint32_t block = 0; block < dense.mass.size(); ++block) {
            const bool kept = isKept(record, queryBlock, block);
            if (window > 0) {
                const bool reaches =
                    (block + 1) * shape.grid.blockK > shape.firstKey(shape.grid.firstRow(queryBlock));
                QCOMPARE(kept, reaches);
                continue;
            }
            if (always.contains(block)) {
                QVERIFY(kept);
                ++inBudget;
            } else if (keepPeak > 0 && dense.peak[block] >= keepPeak + 1e-5) {
                QVERIFY2(kept, "a pair above keepPeak is missing");
            }
        }
        // Among the others the heaviest stay, ties aside; extras come on top.
        std::vector<double> others;
        for (std::uint32_t block = 1; block < always.recent; ++block)
            others.push_back(dense.mass[block]);
        std::sort(others.rbegin(), others.rend());
        const std::uint32_t budget = budgetBlocks(shape.grid, queryBlock, rule.keepKeys);
        QVERIFY(budget >= inBudget || window > 0);
        const double threshold =
            budget - inBudget < others.size() && budget > inBudget ? others[budget - inBudget - 1] : 0;
        std::uint32_t count = 0;
        for (std::uint32_t block = 0; block < dense.mass.size() && window == 0; ++block) {
            const bool kept = isKept(record, queryBlock, block);
            count += kept;
            if (always.contains(block))
                continue;
            const bool extra = keepPeak > 0 && dense.peak[block] >= keepPeak - 1e-5;
            if (kept && !extra)
                lightestKept = std::min(lightestKept, dense.mass[block]);
            if (!kept)
                heaviestUnkept = std::max(heaviestUnkept, dense.mass[block]);
            if (dense.mass[block] > threshold + 1e-5 && budget > inBudget)
                QVERIFY(kept);
        }
        if (window == 0) {
            QVERIFY(heaviestUnkept <= lightestKept + 1e-5);
            QVERIFY(count >= budget);
            extraEdges += count - budget;
        }
        for (std::uint32_t edge = record.rowPtr[queryBlock]; edge < record.rowPtr[queryBlock + 1]; ++edge) {
            const std::uint32_t block = record.keyBlock[edge];
            QVERIFY(std::abs(double(record.mass[edge]) - dense.mass[block]) < 1e-5);
            QVERIFY(std::abs(double(record.peak[edge]) - dense.peak[block]) < 1e-5);
            const std::uint32_t row = record.peakAt[edge] >> 8;
            const std::uint32_t key = block * shape.grid.blockK + (record.peakAt[edge] & 255u);
            QVERIFY(row < dense.rows.size());
            QVERIFY(key < dense.rows[row].p.size() || dense.peak[block] < 1e-6);
            if (key < dense.rows[row].p.size())
                QVERIFY(std::abs(dense.rows[row].p[key] - dense.peak[block]) < 1e-5);
        }
        for (std::size_t r = 0; r < dense.rows.size(); ++r) {
            const std::uint32_t row = shape.grid.firstRow(queryBlock) + std::uint32_t(r);
            QVERIFY(std::abs(double(record.lse[row]) - dense.rows[r].lse) < 1e-4);
            QVERIFY(std::abs(double(record.missed[row]) + double(whole.kept[row]) - 1) < 1e-5);
            double missed = 0;
            double missedPeak = 0;
            std::vector<double> output(head.dim, 0.0);
            tokenZeroFar += alwaysKept(shape.grid, queryBlock).recent > 0 ? dense.rows[r].p[0] : 0;
            for (std::uint32_t key = 0; key <= row; ++key) {
                const double p = dense.rows[r].p[key];
                const bool usable = key >= shape.firstKey(row);
                usablePairs += usable;
                if (isKept(record, queryBlock, key / shape.grid.blockK)) {
                    keptPairs += usable;
                } else {
                    missed += p;
                    missedPeak = std::max(missedPeak, p);
                }
                for (std::uint32_t i = 0; i < head.dim; ++i)
                    output[i] += p * double(head.values[std::size_t(key) * head.dim + i]);
            }
            QVERIFY(std::abs(double(record.missed[row]) - missed) < 1e-5);
            QVERIFY(std::abs(double(record.missedPeak[row]) - missedPeak) < 1e-5);
            for (std::uint32_t i = 0; i < head.dim; ++i)
                QVERIFY(std::abs(double(whole.output[std::size_t(row) * head.dim + i]) - output[i]) < 2e-5);
        }
    }
    QCOMPARE(record.keptPairs, keptPairs);
    QCOMPARE(record.usablePairs, usablePairs);
    QCOMPARE(record.extraEdges, extraEdges);
    QVERIFY(std::abs(record.tokenZeroFar - tokenZeroFar) < 1e-5 * head.tokens);
    if (window > 0)
        QCOMPARE(keptPairs, usablePairs);
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
        QCOMPARE(sliding.record.usablePairs, global.record.usablePairs);
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
