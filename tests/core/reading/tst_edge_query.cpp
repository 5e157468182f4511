// SPDX-License-Identifier: Apache-2.0
#include "core/reading/distance_profile.h"
#include "core/reading/edge_query.h"

#include "core/record/cell_levels.h"
#include "core/tiles/synthetic_edges.h"

#include <QTest>

#include <map>

using namespace headwater;
using namespace headwater::testing;

class TestEdgeQuery : public QObject {
    Q_OBJECT

private slots:
    void findCellEdge_everyCell_equalsBruteForce_data();
    void findCellEdge_everyCell_equalsBruteForce();
    void findCellEdge_outsideOrFuture_isNothing();
    void findCellEdge_row_isRankedByMass();
    void rowAndColumn_entries_areSortedAndComplete();
    void massByDistance_bins_holdAllMass();
};

void TestEdgeQuery::findCellEdge_everyCell_equalsBruteForce_data()
{
    QTest::addColumn<std::uint32_t>("blockQ");
    QTest::addColumn<std::uint32_t>("blockK");
    QTest::newRow("4/4") << 4u << 4u;
    QTest::newRow("8/32") << 8u << 32u;
    QTest::newRow("64/16") << 64u << 16u;
}

void TestEdgeQuery::findCellEdge_everyCell_equalsBruteForce()
{
    QFETCH(const std::uint32_t, blockQ);
    QFETCH(const std::uint32_t, blockK);
    const BlockGrid grid{300, blockQ, blockK};
    std::mt19937_64 random(blockQ + 1000 * blockK);
    const HeadEdges edges = packEdges(grid, randomEdges(grid, 60, random));
    for (std::uint32_t level = 0; level <= 9; ++level) {
        // cell → (edges in it, largest peak), token pair by token pair below the block size
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint64_t, float>> cells;
        for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
            for (std::uint64_t edge = edges.rowPtr[block]; edge < edges.rowPtr[block + 1]; ++edge) {
                std::set<std::pair<std::uint32_t, std::uint32_t>> touched;
                const std::uint32_t firstKey = edges.keyBlock[edge] * blockK;
                for (std::uint32_t query = grid.firstRow(block); query < grid.endRow(block); ++query) {
                    for (std::uint32_t key = firstKey; key < std::min(firstKey + blockK, grid.seqLen); ++key)
                        touched.emplace(query >> level, key >> level);
                }
                for (const auto& cell : touched) {
                    ++cells[cell].first;
                    cells[cell].second = std::max(cells[cell].second, floatFromHalf(edges.peak[edge]));
                }
            }
        }
        for (std::uint32_t query = 0; query < grid.seqLen; query += 3) {
            for (std::uint32_t key = 0; key < grid.seqLen; key += 3) {
                const auto found = findCellEdge(edges, level, query, key);
                const auto expected = cells.find({query >> level, key >> level});
                if (key >> level > query >> level || expected == cells.end()) {
                    QVERIFY(!found);
                    continue;
                }
                QVERIFY(found);
                QCOMPARE(found->edgesInCell, expected->second.first);
                QCOMPARE(found->peak, expected->second.second);
                QCOMPARE(floatFromHalf(edges.peak[found->edge]), found->peak);
                QCOMPARE(found->key / blockK, edges.keyBlock[found->edge]);
                if (level >= blockLevel(grid))
                    QVERIFY(found->query >> level == query >> level && found->key >> level == key >> level);
            }
        }
    }
}

void TestEdgeQuery::findCellEdge_outsideOrFuture_isNothing()
{
    const HeadEdges edges = packEdges({100, 8, 8}, {{2, 2, 0.5f, 0.5f, 7, 0}});
    QVERIFY(findCellEdge(edges, 3, 16, 16));
    QVERIFY(!findCellEdge(edges, 0, 16, 17));
    QVERIFY(!findCellEdge(edges, 3, 100, 16));
    QVERIFY(!findCellEdge(edges, 3, 16, 100));
    QVERIFY(!findCellEdge(edges, kMaxLevel + 1, 16, 16));
}

void TestEdgeQuery::findCellEdge_row_isRankedByMass()
{
    const HeadEdges edges = packEdges({100, 8, 8},
                                      {{5, 0, 0.25f, 0.3f, 0, 0},
                                       {5, 2, 0.5f, 0.4f, 1, 3},
                                       {5, 4, 0.125f, 0.9f, 2, 1},
                                       {5, 5, 0.25f, 0.25f, 3, 3}});
    const auto heaviest = findCellEdge(edges, 3, 40, 16);
    QVERIFY(heaviest);
    QCOMPARE(heaviest->rankInRow, 1u);
    QCOMPARE(heaviest->query, 41u);
    QCOMPARE(heaviest->key, 19u);
    QCOMPARE(heaviest->edgesInRow, 4u);
    QCOMPARE(findCellEdge(edges, 3, 40, 0)->rankInRow, 2u);
    QCOMPARE(findCellEdge(edges, 3, 40, 40)->rankInRow, 3u);
    // Coarse cells show the largest peak, whatever its mass.
    const auto brightest = findCellEdge(edges, 7, 40, 16);
    QCOMPARE(brightest->rankInRow, 4u);
    QCOMPARE(brightest->key, 33u);
    QCOMPARE(brightest->mass, 0.125f);
}

void TestEdgeQuery::rowAndColumn_entries_areSortedAndComplete()
{
    const BlockGrid grid{1000, 16, 8};
    std::mt19937_64 random(77);
    const HeadEdges edges = packEdges(grid, randomEdges(grid, 1200, random));
    std::size_t inRows = 0;
    std::size_t inColumns = 0;
    const auto isFalling = [](const auto& a, const auto& b) { return a.mass > b.mass; };
    for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
        const auto entries = rowEntries(edges, block * 16 + 3 < 1000 ? block * 16 + 3 : block * 16);
        QCOMPARE(entries.size(), edges.rowPtr[block + 1] - edges.rowPtr[block]);
        QVERIFY(std::is_sorted(entries.begin(), entries.end(), isFalling));
        inRows += entries.size();
        for (const BlockEntry& entry : entries) {
            QCOMPARE(entry.queryBlock, block);
            QCOMPARE(entry.peakQuery / 16, block);
            QCOMPARE(entry.peakKey / 8, entry.keyBlock);
        }
    }
    for (std::uint32_t block = 0; block < grid.numKeyBlocks(); ++block) {
        const auto entries = columnEntries(edges, block * 8);
        QVERIFY(std::is_sorted(entries.begin(), entries.end(), isFalling));
        inColumns += entries.size();
        for (const BlockEntry& entry : entries)
            QCOMPARE(entry.keyBlock, block);
    }
    QCOMPARE(inRows, edges.keyBlock.size());
    QCOMPARE(inColumns, edges.keyBlock.size());
    QVERIFY(rowEntries(edges, 1000).empty());
    QVERIFY(columnEntries(edges, 1000).empty());
}

void TestEdgeQuery::massByDistance_bins_holdAllMass()
{
    // 8 rows · 0.5 at distance 0, and 4 rows (the short last block) · 0.25 at 97.5 - 3.5 = 94.
    const HeadEdges edges = packEdges({100, 8, 8}, {{1, 1, 0.5f, 0.5f, 0, 0}, {12, 0, 0.25f, 0.5f, 0, 0}});
    const auto bins = massByDistance(edges, 10);
    QCOMPARE(bins.size(), std::size_t{10});
    QCOMPARE(bins[0].from, 0.0);
    QCOMPARE(bins[9].to, 100.0);
    QCOMPARE(bins[0].mass, 4.0);
    QCOMPARE(bins[9].mass, 1.0);
    QVERIFY(bins[9].from < 94);
    for (std::size_t i = 1; i < 9; ++i) {
        QCOMPARE(bins[i].mass, 0.0);
        QCOMPARE(bins[i].from, bins[i - 1].to);
    }
    QVERIFY(massByDistance(edges, 0).empty());
}

QTEST_APPLESS_MAIN(TestEdgeQuery)
#include "tst_edge_query.moc"
