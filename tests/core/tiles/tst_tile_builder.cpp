// SPDX-License-Identifier: Apache-2.0
// First, because moc cannot read a file that begins with <compare>.
#include <QTest>

#include "core/tiles/tile_builder.h"

#include "core/base/log_code.h"
#include "core/reading/known_pair.h"
#include "core/tiles/tile_geometry.h"
#include "support/dense_attention.h"
#include "support/sanitized.h"
#include "synthetic_edges.h"

#include <cmath>
#include <limits>
#include <map>

using namespace headwater;
using namespace headwater::testing;

namespace {

constexpr std::array<std::uint32_t, 5> kBlockSizes{4, 16, 32, 64, 256};

/// A whole map, cell by cell, from the definition: token pair by token pair below the block size.
struct BruteMap {
    std::uint32_t side;
    std::vector<float> max;
    std::vector<std::uint64_t> count;

    BruteMap(const HeadEdges& edges, std::uint32_t level)
        : side(cellsOfAxis(edges.grid.seqLen, level))
        , max(std::size_t{side} * side)
        , count(max.size())
    {
        const BlockGrid& grid = edges.grid;
        for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
            for (std::uint64_t edge = edges.rowPtr[block]; edge < edges.rowPtr[block + 1]; ++edge) {
                const std::uint32_t peakQuery = block * grid.blockQ + (edges.peakAt[edge] >> 8);
                const std::uint32_t peakKey =
                    edges.keyBlock[edge] * grid.blockK + (edges.peakAt[edge] & 0xFF);
                const std::size_t peakCell = std::size_t{peakQuery >> level} * side + (peakKey >> level);
                max[peakCell] = std::max(max[peakCell], floatFromHalf(edges.peak[edge]));
                std::set<std::size_t> cells{peakCell};
                if (level < blockLevel(grid)) {
                    for (std::uint32_t query = grid.firstRow(block); query < grid.endRow(block); ++query) {
                        const std::uint32_t first = edges.keyBlock[edge] * grid.blockK;
                        for (std::uint32_t key = first; key < std::min(first + grid.blockK, grid.seqLen);
                             ++key) {
                            if (key >> level <= query >> level)
                                cells.insert(std::size_t{query >> level} * side + (key >> level));
                        }
                    }
                }
                for (const std::size_t cell : cells)
                    ++count[cell];
            }
        }
    }
};

/// Compares every existing tile of a level with the brute map; the first difference in words, empty when
/// equal.
QString differenceAt(const HeadEdges& edges, std::span<const float> missed, std::uint32_t level)
{
    const BruteMap brute(edges, level);
    const std::uint32_t tiles = (brute.side + kTileSide - 1) / kTileSide;
    for (std::uint32_t row = 0; row < tiles; ++row) {
        for (const auto& tile : buildStrip({edges, missed}, {3, 7, level, row, 0, row + 1})) {
            for (std::uint32_t i = 0; i < kTileSide * kTileSide; ++i) {
                const std::uint32_t r = row * kTileSide + i / kTileSide;
                const std::uint32_t c = tile->key.col * kTileSide + i % kTileSide;
                const bool inside = r < brute.side && c < brute.side;
                const std::size_t cell = std::size_t{r} * brute.side + c;
                if (tile->max[i] != (inside ? probabilityCode(brute.max[cell]) : 0)
                    || tile->count[i] != (inside ? countCode(brute.count[cell]) : 0))
                    return QString("level %1 cell %2,%3").arg(level).arg(r).arg(c);
            }
        }
    }
    return {};
}

} // namespace

class TestTileBuilder : public QObject {
    Q_OBJECT

private slots:
    void logCodes_everyCode_roundTrips();
    void strip_everyLevel_equalsBruteForce_data();
    void strip_everyLevel_equalsBruteForce();
    void strip_partOfARow_equalsTheWholeRow();
    void strip_belowTheBlocks_saysWhatIsKnownOfItsPairs_data();
    void strip_belowTheBlocks_saysWhatIsKnownOfItsPairs();
    void strip_missedMass_isTheLargestAndUnknownWins();
    void strip_stopped_isEmpty();
    void overview_pooled_hasExactMaxAndMissed();
    void needle_planted_isNeverLost_data();
    void needle_planted_isNeverLost();
};

void TestTileBuilder::logCodes_everyCode_roundTrips()
{
    for (int code = 0; code < 256; ++code) {
        const auto c = static_cast<std::uint8_t>(code);
        QCOMPARE(probabilityCode(probabilityOfCode(c)), c);
    }
    QCOMPARE(int(probabilityCode(1)), 255);
    QCOMPARE(int(probabilityCode(0x1p-24f)), 1);
    QCOMPARE(int(probabilityCode(std::numeric_limits<float>::denorm_min())), 1);
    QCOMPARE(int(probabilityCode(0)), 0);
    QCOMPARE(int(probabilityCode(std::nanf(""))), 0);
    QCOMPARE(int(countCode(0)), 0);
    QCOMPARE(int(countCode(1)), 1);
    QCOMPARE(int(countCode(std::uint64_t{1} << 32)), 255);
    QCOMPARE(int(countCode(std::numeric_limits<std::uint64_t>::max())), 255);
    QCOMPARE(int(missedMassCode(1)), 254);
    QCOMPARE(missedMassCode(std::nanf("")), kUnknownCode);
    for (std::uint64_t count = 1; count < 10000; ++count) {
        QVERIFY(countCode(count) >= countCode(count - 1));
        QVERIFY(std::abs(countOfCode(countCode(count)) / static_cast<double>(count) - 1) < 0.045);
    }
    for (std::uint32_t half = 1; half <= 0x3C00; ++half) {
        const auto codes = probabilityCodesOfHalves();
        QCOMPARE(codes[half], probabilityCode(floatFromHalf(static_cast<std::uint16_t>(half))));
        QVERIFY(codes[half] >= codes[half - 1]);
    }
}

void TestTileBuilder::strip_everyLevel_equalsBruteForce_data()
{
    QTest::addColumn<std::uint32_t>("seqLen");
    QTest::addColumn<std::uint32_t>("blockQ");
    QTest::addColumn<std::uint32_t>("blockK");
    for (const std::uint32_t seqLen : {1u, 255u, 256u, 1000u, 1500u}) {
        for (const std::uint32_t blockQ : kBlockSizes) {
            for (const std::uint32_t blockK : kBlockSizes)
                QTest::addRow("%u tokens, %u/%u", seqLen, blockQ, blockK) << seqLen << blockQ << blockK;
        }
    }
}

void TestTileBuilder::strip_everyLevel_equalsBruteForce()
{
    QFETCH(const std::uint32_t, seqLen);
    QFETCH(const std::uint32_t, blockQ);
    QFETCH(const std::uint32_t, blockK);
    const BlockGrid grid{seqLen, blockQ, blockK};
    std::mt19937_64 random(seqLen * 1000003u + blockQ * 1009u + blockK);
    const HeadEdges edges = packEdges(grid, randomEdges(grid, 150, random));
    for (std::uint32_t level = 0; level <= coarsestLevel(seqLen) + 1; ++level)
        QCOMPARE(differenceAt(edges, {}, level), QString());
}

void TestTileBuilder::strip_partOfARow_equalsTheWholeRow()
{
    const BlockGrid grid{5000, 16, 8};
    std::mt19937_64 random(5);
    const HeadEdges edges = packEdges(grid, randomEdges(grid, 3000, random));
    const std::vector<float> missed(5000, 0.25f);
    for (const std::uint32_t level : {0u, 1u, 2u, 4u}) {
        const std::uint32_t row = (cellsOfAxis(5000, level) - 1) / kTileSide;
        const TileRun whole = buildStrip({edges, missed}, {0, 0, level, row, 0, row + 1});
        for (std::uint32_t col = 0; col <= row; ++col) {
            const TileRun part = buildStrip({edges, missed}, {0, 0, level, row, col, col + 1});
            QCOMPARE(part.size(), std::size_t{1});
            QVERIFY(part[0]->key == whole[col]->key);
            QVERIFY(part[0]->max == whole[col]->max);
            QVERIFY(part[0]->count == whole[col]->count);
            QVERIFY(part[0]->missed == whole[col]->missed);
        }
    }
}

void TestTileBuilder::strip_belowTheBlocks_saysWhatIsKnownOfItsPairs_data()
{
    QTest::addColumn<BlockGrid>("grid");
    QTest::addColumn<std::uint32_t>("window");
    for (const std::uint32_t window : {0U, 37U}) {
        for (const BlockGrid& grid :
             {BlockGrid{300, 8, 8}, BlockGrid{277, 16, 16}, BlockGrid{290, 64, 32}, BlockGrid{270, 4, 16}})
            QTest::addRow("%u tokens, %u/%u, window %u", grid.seqLen, grid.blockQ, grid.blockK, window)
                << grid << window;
    }
}

/// Every cell below the block level against the pairs in it, each by the one rule of what is known of a pair.
void TestTileBuilder::strip_belowTheBlocks_saysWhatIsKnownOfItsPairs()
{
    QFETCH(const BlockGrid, grid);
    QFETCH(const std::uint32_t, window);
    using State = KnownPair::State;
    const HeadShape shape{grid, window == 0 ? HeadKind::Global : HeadKind::Sliding, window};
    for (const Normaliser normaliser : {Normaliser::Exact, Normaliser::Kept}) {
        const DenseHead head = makeDenseHead(shape, normaliser, 21, 9, 3);
        std::vector<TokenRow> recorded;
        for (const auto& [row, tokenRow] : head.recorded)
            recorded.push_back(tokenRow);
        for (std::uint32_t level = 0; level < blockLevel(grid); ++level) {
            int numSomewhere = 0;
            int numBelow = 0;
            int numValues = 0;
            const std::uint32_t side = cellsOfAxis(grid.seqLen, level);
            for (std::uint32_t tileRow = 0; tileRow <= (side - 1) / kTileSide; ++tileRow) {
                const TileRun run =
                    buildStrip({head.edges, {}, window, recorded}, {0, 0, level, tileRow, 0, tileRow + 1});
                for (std::uint32_t row = tileRow * kTileSide; row < std::min(side, (tileRow + 1) * kTileSide);
                     ++row) {
                    for (std::uint32_t col = 0; col <= row; ++col) {
                        float value = 0;
                        bool isInBlock = false;
                        bool isKept = false;
                        bool isRecorded = true;
                        for (std::uint32_t q = row << level; q < std::min((row + 1) << level, grid.seqLen);
                             ++q) {
                            isRecorded = isRecorded && head.recordedRow(q) != nullptr;
                            for (std::uint32_t k = col << level;
                                 k < std::min((col + 1) << level, grid.seqLen); ++k) {
                                const KnownPair pair = knownPair(
                                    {shape, head.edges, head.missedPeak[q], head.recordedRow(q)}, q, k);
                                value = pair.hasValue() ? std::max(value, pair.value) : value;
                                isInBlock = isInBlock || pair.state == State::InBlock;
                                isKept = isKept || pair.block.has_value();
                            }
                        }
                        const Tile& tile = *run[col / kTileSide];
                        const std::uint32_t r = row % kTileSide;
                        const std::uint32_t c = col % kTileSide;
                        const bool isSomewhere = tile.isSomewhere(r, c);
                        QCOMPARE(tile.max[r * kTileSide + c], probabilityCode(value));
                        QCOMPARE(tile.recorded[r] == 1, isRecorded);
                        QCOMPARE(tile.count[r * kTileSide + c] > 0, isKept);
                        // Where some rows of a cell are recorded, a block may touch it in those alone.
                        QVERIFY(isSomewhere || value > 0 || !isInBlock);
                        if (level == 0)
                            QCOMPARE(isSomewhere, isInBlock);
                        numSomewhere += isSomewhere;
                        numValues += value > 0;
                        numBelow += isRecorded && value == 0;
                    }
                }
            }
            QVERIFY(numSomewhere > 0 && numValues > 0 && (numBelow > 0 || level > 2));
        }
    }
}

void TestTileBuilder::strip_missedMass_isTheLargestAndUnknownWins()
{
    const BlockGrid grid{1000, 8, 8};
    const HeadEdges edges = packEdges(grid, {});
    std::vector<float> missed(1000, 0);
    missed[17] = 0.5f;
    missed[18] = 0.25f;
    missed[999] = std::nanf("");
    missed[998] = 0.9f;
    for (const std::uint32_t level : {0u, 1u, 2u, 5u}) {
        const TileRun first = buildStrip({edges, missed}, {0, 0, level, 0, 0, 1});
        QCOMPARE(first[0]->missed[17 >> level], missedMassCode(0.5f));
        if (level > 0)
            QCOMPARE(int(first[0]->missed[0]), level == 5 ? int(missedMassCode(0.5f)) : 0);
        const std::uint32_t cell = 999 >> level;
        const TileRun last = buildStrip({edges, missed}, {0, 0, level, cell / kTileSide, 0, 1});
        QCOMPARE(last[0]->missed[cell % kTileSide], kUnknownCode);
        for (std::uint32_t i = cell % kTileSide + 1; i < kTileSide; ++i)
            QCOMPARE(int(last[0]->missed[i]), 0);
    }
}

void TestTileBuilder::strip_stopped_isEmpty()
{
    const HeadEdges edges = packEdges({1000, 8, 8}, {});
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(buildStrip({edges}, {0, 0, 0, 0, 0, 1}, stop.get_token()).empty());
    QVERIFY(buildStrip({edges}, {0, 0, 0, 2, 1, 1}).empty());
}

void TestTileBuilder::overview_pooled_hasExactMaxAndMissed()
{
    const BlockGrid grid{1000, 8, 4};
    std::mt19937_64 random(9);
    const HeadEdges edges = packEdges(grid, randomEdges(grid, 2000, random));
    std::vector<float> missed(1000);
    for (float& value : missed)
        value = static_cast<float>(random() % 1000) / 1000;
    const TileRun base = buildStrip({edges, missed}, {1, 2, 3, 0, 0, 1});
    Overview overview{125, 3, {}, {}, {}, {}};
    for (std::uint32_t r = 0; r < 125; ++r) {
        overview.max.insert(overview.max.end(), &base[0]->max[r * kTileSide],
                            &base[0]->max[r * kTileSide] + 125);
        overview.count.insert(overview.count.end(), &base[0]->count[r * kTileSide],
                              &base[0]->count[r * kTileSide] + 125);
        overview.missed.push_back(base[0]->missed[r]);
    }
    QVERIFY(buildStrip(overview, {1, 2, 2, 0, 0, 1}).empty());
    const TileRun same = buildStrip(overview, {1, 2, 3, 0, 0, 1});
    QVERIFY(same[0]->max == base[0]->max && same[0]->count == base[0]->count
            && same[0]->missed == base[0]->missed);
    for (const std::uint32_t level : {4u, 6u, 10u}) {
        const TileRun pooled = buildStrip(overview, {1, 2, level, 0, 0, 1});
        const TileRun exact = buildStrip({edges, missed}, {1, 2, level, 0, 0, 1});
        QVERIFY(pooled[0]->key == exact[0]->key);
        QVERIFY(pooled[0]->max == exact[0]->max);
        QVERIFY(pooled[0]->missed == exact[0]->missed);
        for (std::size_t i = 0; i < exact[0]->count.size(); ++i)
            QVERIFY(std::abs(int(pooled[0]->count[i]) - int(exact[0]->count[i])) <= 1);
    }
}

void TestTileBuilder::needle_planted_isNeverLost_data()
{
    QTest::addColumn<std::uint32_t>("blockQ");
    QTest::addColumn<std::uint32_t>("blockK");
    for (const std::uint32_t blockQ : kBlockSizes) {
        for (const std::uint32_t blockK : kBlockSizes)
            QTest::addRow("%u/%u", blockQ, blockK) << blockQ << blockK;
    }
}

/// 1 000 single edges in a million tokens: at every level the cell that holds each shows its code (where
/// several share a cell: the brightest one's).
void TestTileBuilder::needle_planted_isNeverLost()
{
    QFETCH(const std::uint32_t, blockQ);
    QFETCH(const std::uint32_t, blockK);
    const BlockGrid grid{1'000'000, blockQ, blockK};
    std::mt19937_64 random(blockQ * 257 + blockK);
    const std::size_t count = test::isSanitized() ? 100 : 1000;
    const std::vector<PlainEdge> needles = randomEdges(grid, count, random);
    QCOMPARE(needles.size(), count);
    const HeadEdges edges = packEdges(grid, needles);
    for (std::uint32_t level = 0; level <= coarsestLevel(grid.seqLen); ++level) {
        std::map<TileKey, std::map<std::size_t, std::uint8_t>> expected;
        for (const PlainEdge& needle : needles) {
            const std::uint32_t row = (needle.queryBlock * blockQ + needle.peakRow) >> level;
            const std::uint32_t col = (needle.keyBlock * blockK + needle.peakCol) >> level;
            std::uint8_t& code = expected[{0, 0, level, row / kTileSide, col / kTileSide}]
                                         [std::size_t{row % kTileSide} * kTileSide + col % kTileSide];
            code = std::max(code, probabilityCode(floatFromHalf(halfFromFloat(needle.peak))));
        }
        for (const auto& [key, cells] : expected) {
            const TileRun run = buildStrip({edges}, {0, 0, level, key.row, key.col, key.col + 1});
            for (const auto& [cell, code] : cells) {
                QCOMPARE(run[0]->max[cell], code);
                QVERIFY(run[0]->count[cell] > 0);
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestTileBuilder)
#include "tst_tile_builder.moc"
