// SPDX-License-Identifier: Apache-2.0
#include "core/select/exact_tile.h"
#include "core/select/sparse_tile.h"
#include "made_heads.h"

#include <QtTest>

using namespace headwater;
using namespace headwater::test;

namespace {

/// A seeded mask: the always-kept blocks and `extra` random ones a query block.
BlockMask randomMask(const HeadShape& shape, const QueryTile& tile, std::uint32_t extra, std::mt19937& random)
{
    BlockMask mask;
    mask.reset();
    for (std::uint32_t row = tile.firstRow; row < tile.firstRow + tile.numRows; row += shape.grid.blockQ) {
        const std::uint32_t queryBlock = row / shape.grid.blockQ;
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        std::vector<bool> kept(always.end, false);
        for (std::uint32_t block = 0; block < always.end; ++block)
            kept[block] = always.contains(block);
        for (std::uint32_t i = 0; i < extra; ++i)
            kept[random() % always.end] = true;
        for (std::uint32_t block = 0; block < always.end; ++block)
            if (kept[block])
                mask.keyBlock.push_back(block);
        mask.endQueryBlock();
    }
    return mask;
}

} // namespace

class SparseTileTest : public QObject {
    Q_OBJECT

private slots:
    void equalsMaskedDense_data();
    void equalsMaskedDense();
    void everyBlockKeptIsDenseAttention();
    void exactKeepsAGivenMask();
    void peakOfABlockOfZerosIsAPair_data();
    void peakOfABlockOfZerosIsAPair();
    void scoresThatOverflowAreNaN();
};

void SparseTileTest::equalsMaskedDense_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("dim");
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    QTest::addColumn<int>("window");
    QTest::addColumn<int>("extra");
    QTest::newRow("16x16") << "topics" << 1000 << 64 << 16 << 16 << 0 << 10;
    QTest::newRow("8x8") << "needles" << 600 << 64 << 8 << 8 << 0 << 9;
    QTest::newRow("4x4, odd head") << "random" << 300 << 13 << 4 << 4 << 0 << 7;
    QTest::newRow("64x32") << "needles" << 900 << 48 << 64 << 32 << 0 << 5;
    QTest::newRow("16x256, several chunks") << "local" << 2048 << 32 << 16 << 256 << 0 << 30;
    QTest::newRow("8x8, several chunks") << "needles" << 2000 << 64 << 8 << 8 << 0 << 400;
    QTest::newRow("256x4") << "topics" << 515 << 64 << 256 << 4 << 0 << 20;
    QTest::newRow("window") << "local" << 700 << 64 << 16 << 16 << 90 << 0;
    QTest::newRow("capped scores, several chunks") << "capped" << 2000 << 24 << 8 << 8 << 0 << 300;
    QTest::newRow("one token") << "random" << 1 << 64 << 16 << 16 << 0 << 0;
}

void SparseTileTest::equalsMaskedDense()
{
    QFETCH(QString, kind);
    QFETCH(int, tokens);
    QFETCH(int, dim);
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    QFETCH(int, window);
    QFETCH(int, extra);
    const MadeHead head = makeHead(kind.toStdString(), std::uint32_t(tokens), std::uint32_t(dim), 21);
    HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    if (window > 0)
        shape = {shape.grid, HeadKind::Sliding, std::uint32_t(window)};
    std::mt19937 random(4);
    SparseScratch scratch;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const QueryTile tile = head.tile(first);
        BlockMask mask = randomMask(shape, tile, std::uint32_t(extra), random);
        if (window > 0) {
            mask.reset();
            for (std::uint32_t row = first; row < first + tile.numRows; row += shape.grid.blockQ) {
                const BlockRange range = windowBlocks(shape, row / shape.grid.blockQ);
                for (std::uint32_t block = range.first; block < range.end; ++block)
                    mask.keyBlock.push_back(block);
                mask.endQueryBlock();
            }
        }
        std::vector<float> output(std::size_t(tile.numRows) * head.dim);
        TileRecord record;
        sparseTile(shape, head.keyValues(), tile, mask, scratch, {output.data(), head.dim}, &record);
        QCOMPARE(record.mask.keyBlock, mask.keyBlock);
        QCOMPARE(record.mask.rowPtr, mask.rowPtr);
        for (std::uint32_t inTile = 0; inTile + 1 < mask.rowPtr.size(); ++inTile) {
            const auto begin = mask.keyBlock.begin() + mask.rowPtr[inTile];
            const auto end = mask.keyBlock.begin() + mask.rowPtr[inTile + 1];
            std::vector<double> mass(end - begin, 0.0);
            std::vector<double> peak(mass);
            const std::uint32_t firstRow = first + inTile * shape.grid.blockQ;
            const std::uint32_t endRow = std::min(first + tile.numRows, firstRow + shape.grid.blockQ);
            std::vector<DenseRow> rows;
            for (std::uint32_t row = firstRow; row < endRow; ++row) {
                rows.push_back(denseRow(head, shape, row));
                DenseRow& dense = rows.back();
                double keptMass = 0;
                for (std::uint32_t key = 0; key <= row; ++key) {
                    if (!std::binary_search(begin, end, key / shape.grid.blockK))
                        dense.p[key] = 0;
                    keptMass += dense.p[key];
                }
                std::vector<double> wanted(head.dim, 0.0);
                for (std::uint32_t key = 0; key <= row; ++key) {
                    dense.p[key] /= keptMass;
                    for (std::uint32_t i = 0; i < head.dim; ++i)
                        wanted[i] += dense.p[key] * double(head.values[std::size_t(key) * head.dim + i]);
                    if (dense.p[key] == 0)
                        continue;
                    const std::size_t edge =
                        std::size_t(std::lower_bound(begin, end, key / shape.grid.blockK) - begin);
                    mass[edge] += dense.p[key] / (endRow - firstRow);
                    peak[edge] = std::max(peak[edge], dense.p[key]);
                }
                const std::uint32_t r = row - first;
                QVERIFY(std::abs(double(record.lse[r]) - (dense.lse + std::log(keptMass))) < 1e-4);
                QVERIFY(std::abs(double(record.kept[r]) - 1) < 1e-5);
                QVERIFY(std::isnan(record.missed[r]) && std::isnan(record.missedPeak[r]));
                for (std::uint32_t i = 0; i < head.dim; ++i)
                    QVERIFY(std::abs(double(output[std::size_t(r) * head.dim + i]) - wanted[i]) < 2e-5);
            }
            for (std::size_t edge = 0; edge < mass.size(); ++edge) {
                const std::size_t at = mask.rowPtr[inTile] + edge;
                QVERIFY(std::abs(double(record.mass[at]) - mass[edge]) < 1e-5);
                QVERIFY(std::abs(double(record.peak[at]) - peak[edge]) < 1e-5);
                const std::uint32_t row = record.peakAt[at] >> 8;
                const std::uint32_t key =
                    begin[std::ptrdiff_t(edge)] * shape.grid.blockK + (record.peakAt[at] & 255u);
                QVERIFY(row < rows.size());
                if (key < rows[row].p.size())
                    QVERIFY(std::abs(rows[row].p[key] - peak[edge]) < 1e-5);
            }
        }
    }
}

void SparseTileTest::everyBlockKeptIsDenseAttention()
{
    const MadeHead head = makeHead("needles", 1100, 64, 9);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    ExactScratch exactScratch;
    SparseScratch sparseScratch;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const QueryTile tile = head.tile(first);
        std::vector<float> dense(std::size_t(tile.numRows) * head.dim);
        std::vector<float> sparse(dense);
        TileRecord exact;
        exactTile(shape, head.keyValues(), tile, {head.tokens, 0}, exactScratch, {dense.data(), head.dim},
                  exact);
        sparseTile(shape, head.keyValues(), tile, exact.mask, sparseScratch, {sparse.data(), head.dim},
                   nullptr);
        for (std::size_t i = 0; i < dense.size(); ++i)
            QVERIFY(std::abs(dense[i] - sparse[i]) < 1e-5f);
    }
}

void SparseTileTest::exactKeepsAGivenMask()
{
    const MadeHead head = makeHead("topics", 800, 64, 10);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    std::mt19937 random(6);
    ExactScratch scratch;
    const QueryTile tile = head.tile(512);
    const BlockMask mask = randomMask(shape, tile, 4, random);
    KeepRule rule;
    rule.mask = &mask;
    TileRecord record;
    exactTile(shape, head.keyValues(), tile, rule, scratch, {}, record);
    QCOMPARE(record.mask.keyBlock, mask.keyBlock);
    for (std::uint32_t row = 0; row < tile.numRows; ++row) {
        const DenseRow dense = denseRow(head, shape, tile.firstRow + row);
        double kept = 0;
        const std::uint32_t inTile = row / 16;
        for (std::uint32_t edge = mask.rowPtr[inTile]; edge < mask.rowPtr[inTile + 1]; ++edge)
            for (std::uint32_t key = mask.keyBlock[edge] * 16;
                 key < mask.keyBlock[edge] * 16 + 16 && key < dense.p.size(); ++key)
                kept += dense.p[key];
        QVERIFY(std::abs(double(record.kept[row]) - kept) < 1e-5);
        QVERIFY(std::abs(double(record.missed[row]) - (1 - kept)) < 1e-5);
    }
}

void SparseTileTest::peakOfABlockOfZerosIsAPair_data()
{
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    for (const auto& [blockQ, blockK] : {std::pair{64, 32}, {64, 8}, {256, 4}, {16, 16}, {8, 64}})
        QTest::addRow("%dx%d", blockQ, blockK) << blockQ << blockK;
}

void SparseTileTest::peakOfABlockOfZerosIsAPair()
{
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    const MadeHead head = makeSinkHead(300, 16);
    const HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    std::mt19937 random(5);
    SparseScratch scratch;
    bool zeros = false;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        const BlockMask mask = randomMask(shape, head.tile(first), 6, random);
        TileRecord record;
        sparseTile(shape, head.keyValues(), head.tile(first), mask, scratch, {}, &record);
        for (std::uint32_t inTile = 0; inTile + 1 < mask.rowPtr.size(); ++inTile) {
            for (std::uint32_t edge = mask.rowPtr[inTile]; edge < mask.rowPtr[inTile + 1]; ++edge) {
                const std::uint32_t row = first + inTile * shape.grid.blockQ + (record.peakAt[edge] >> 8);
                const std::uint32_t key =
                    mask.keyBlock[edge] * shape.grid.blockK + (record.peakAt[edge] & 0xFFu);
                QVERIFY2(row < head.tokens && key <= row,
                         qPrintable(QStringLiteral("row %1, key %2").arg(row).arg(key)));
                zeros = zeros || record.peak[edge] == 0;
            }
        }
    }
    QVERIFY(zeros);
}

void SparseTileTest::scoresThatOverflowAreNaN()
{
    MadeHead head = makeHead("random", 200, 16, 4);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    for (std::uint32_t i = 0; i < head.dim; ++i)
        head.queries[std::size_t(170) * head.dim + i] = 3e38f;
    std::mt19937 random(5);
    const BlockMask mask = randomMask(shape, head.tile(0), 3, random);
    std::vector<float> output(head.values.size());
    SparseScratch scratch;
    sparseTile(shape, head.keyValues(), head.tile(0), mask, scratch, {output.data(), head.dim}, nullptr);
    for (std::uint32_t row = 0; row < head.tokens; ++row)
        for (std::uint32_t i = 0; i < head.dim; ++i)
            QCOMPARE(std::isnan(output[std::size_t(row) * head.dim + i]), row == 170);
}

QTEST_GUILESS_MAIN(SparseTileTest)
#include "tst_sparse_tile.moc"
