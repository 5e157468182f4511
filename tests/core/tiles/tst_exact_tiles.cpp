// SPDX-License-Identifier: Apache-2.0
// What sessions have given, in the store, in words of a pair and in the tiles, against the dense matrix.
#include <QTest>

#include "core/base/log_code.h"
#include "core/reading/known_cell.h"
#include "core/tiles/tile_builder.h"
#include "core/tiles/tile_geometry.h"
#include "support/dense_attention.h"

using namespace headwater;
using namespace headwater::testing;

namespace {

std::shared_ptr<const ExactWindow> windowOf(const DenseHead& head, TokenRange rows, TokenRange keys)
{
    ExactWindow window{3, 7, rows, keys, {}};
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        for (std::uint32_t key = keys.begin; key < keys.end; ++key)
            window.p.push_back(head.isUsable(row, key) ? head.at(row, key) : 0.0f);
    window.isModel = true;
    return std::make_shared<const ExactWindow>(std::move(window));
}

/// The largest number of a cell's usable pairs as a code, at least 1; 0 without a pair.
std::uint8_t codeOf(const DenseHead& head, TokenRange rows, TokenRange keys)
{
    std::uint8_t code = 0;
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        for (std::uint32_t key = keys.begin; key < keys.end; ++key)
            if (head.isUsable(row, key))
                code = std::max({code, std::uint8_t{1}, probabilityCode(head.at(row, key))});
    return code;
}

} // namespace

class TestExactTiles : public QObject {
    Q_OBJECT

private slots:
    void windows_newestFirst_withinTheBudget()
    {
        const DenseHead head = makeDenseHead({{64, 8, 8}, HeadKind::Global, 0}, Normaliser::Exact, 4, 8, 1);
        const auto small = windowOf(head, {10, 20}, {0, 10});
        const auto large = windowOf(head, {8, 24}, {0, 16});
        ExactWindows windows(small->bytes() + large->bytes());
        windows.add(small);
        QCOMPARE(windows.holding(3, 7, {12, 14}, {2, 4}), small);
        QVERIFY(!windows.holding(3, 7, {12, 21}, {2, 4})); // one row beyond
        QVERIFY(!windows.holding(3, 6, {12, 14}, {2, 4})); // another head
        windows.add(large);
        QCOMPARE(windows.holding(3, 7, {12, 14}, {2, 4}), large);
        QCOMPARE(windows.bytes(), large->bytes()); // the small one was a part of it
        QCOMPARE(windows.touching(3, 7, {23, 30}, {15, 20}).size(), std::size_t{1});
        QVERIFY(windows.touching(3, 7, {24, 30}, {15, 20}).empty());
        const auto other = windowOf(head, {40, 56}, {0, 16});
        const auto gone = windows.add(other); // beyond the budget: the oldest goes
        QVERIFY(gone.size() == 1 && gone.front() == large);
        QVERIFY(!windows.holding(3, 7, {12, 14}, {2, 4}));
        QCOMPARE(windows.bytes(), other->bytes());
    }

    /// Whatever came last: what is exact comes first, and only what is no better goes.
    void windowsOverRoundedKeys_hideNoExactOne()
    {
        const DenseHead head = makeDenseHead({{64, 8, 8}, HeadKind::Global, 0}, Normaliser::Exact, 4, 8, 1);
        const auto exact = windowOf(head, {10, 20}, {0, 10});
        auto larger = *windowOf(head, {8, 24}, {0, 16});
        larger.isExact = false;
        const auto rounded = std::make_shared<const ExactWindow>(larger);
        ExactWindows windows(exact->bytes() + rounded->bytes());
        windows.add(exact);
        windows.add(rounded);
        QCOMPARE(windows.holding(3, 7, {12, 14}, {2, 4}), exact);
        QCOMPARE(windows.holding(3, 7, {12, 22}, {2, 4}), rounded);
        QCOMPARE(windows.touching(3, 7, {0, 64}, {0, 64}), (ExactWindows::Windows{rounded, exact}));
        // Beyond the budget the rounded one goes, though it is the younger; never the new one itself.
        const auto other = windowOf(head, {40, 50}, {0, 10});
        QCOMPARE(windows.add(other), ExactWindows::Windows{rounded});
        QCOMPARE(windows.add(rounded), ExactWindows::Windows{exact});
        QCOMPARE(windows.touching(3, 7, {0, 64}, {0, 64}), (ExactWindows::Windows{rounded, other}));
        // An exact one of the same pairs takes a rounded one's place.
        const auto better = windowOf(head, {8, 24}, {0, 16});
        QVERIFY(windows.add(better).empty());
        QCOMPARE(windows.touching(3, 7, {0, 64}, {0, 64}), (ExactWindows::Windows{other, better}));
    }

    /// A column over the trace's row sums is right within its error: whole rows come before it, rounded ones
    /// after.
    void columnsWithAnError_hideNoWholeRow()
    {
        const DenseHead head = makeDenseHead({{64, 8, 8}, HeadKind::Global, 0}, Normaliser::Exact, 4, 8, 1);
        const auto made = [&](TokenRange rows, TokenRange keys, bool isExact, float error) {
            auto window = *windowOf(head, rows, keys);
            window.isExact = isExact;
            window.relativeError = error;
            return std::make_shared<const ExactWindow>(window);
        };
        const auto rows = made({10, 20}, {0, 10}, true, 0);
        const auto column = made({4, 64}, {4, 5}, true, 1e-4f);
        const auto rounded = made({0, 64}, {4, 5}, false, 0);
        ExactWindows windows;
        windows.add(rows);
        windows.add(column);
        windows.add(rounded);
        QCOMPARE(windows.touching(3, 7, {0, 64}, {0, 64}), (ExactWindows::Windows{rounded, column, rows}));
        QCOMPARE(windows.holding(3, 7, {12, 13}, {4, 5}), rows);
        QCOMPARE(windows.holding(3, 7, {30, 31}, {4, 5}), column);
        QCOMPARE(windows.holding(3, 7, {0, 1}, {4, 5}), rounded);
        // What a better one holds whole is not taken.
        windows.add(made({12, 14}, {4, 5}, true, 1e-4f));
        windows.add(made({12, 14}, {4, 5}, false, 0));
        QCOMPARE(windows.touching(3, 7, {0, 64}, {0, 64}), (ExactWindows::Windows{rounded, column, rows}));
    }

    void pair_isTheSessionsOwn()
    {
        const DenseHead head = makeDenseHead({{96, 16, 8}, HeadKind::Global, 0}, Normaliser::Kept, 4, 8, 2);
        const auto window = windowOf(head, {32, 64}, {8, 40});
        for (std::uint32_t row = 0; row < 96; ++row) {
            for (std::uint32_t key = 0; key <= row; ++key) {
                RowKnowledge known{head.shape, head.edges};
                known.recorded = head.recordedRow(row);
                const KnownPair without = knownPair(known, row, key);
                known.exact = window.get();
                const KnownPair pair = knownPair(known, row, key);
                if (!window->holds(row, key)) {
                    QCOMPARE(pair.state, without.state);
                    continue;
                }
                QCOMPARE(pair.state, KnownPair::State::Exact);
                QCOMPARE(pair.value, head.at(row, key)); // of the whole row, whatever the normaliser
                QVERIFY(pair.hasValue() && pair.isOfModel && !pair.isRounded);
            }
        }
    }

    void tiles_showTheWindowAndChangeNothingElse_data()
    {
        QTest::addColumn<unsigned>("blockQ");
        QTest::addColumn<unsigned>("blockK");
        QTest::addColumn<unsigned>("window");
        QTest::addColumn<bool>("kept");
        QTest::newRow("8 x 8") << 8u << 8u << 0u << false;
        QTest::newRow("64 x 32") << 64u << 32u << 0u << false;
        QTest::newRow("16 x 16 kept") << 16u << 16u << 0u << true;
        QTest::newRow("sliding") << 16u << 16u << 40u << false;
    }

    void tiles_showTheWindowAndChangeNothingElse()
    {
        QFETCH(unsigned, blockQ);
        QFETCH(unsigned, blockK);
        QFETCH(unsigned, window);
        QFETCH(bool, kept);
        constexpr std::uint32_t kTokens = 301;
        const HeadShape shape{
            {kTokens, blockQ, blockK}, window > 0 ? HeadKind::Sliding : HeadKind::Global, window};
        const DenseHead head =
            makeDenseHead(shape, kept ? Normaliser::Kept : Normaliser::Exact, 5, 8, blockQ + blockK);
        const std::vector<std::shared_ptr<const ExactWindow>> windows{
            windowOf(head, {100, 163}, {60, 131}), windowOf(head, {270, kTokens}, {200, kTokens})};
        std::vector<TokenRow> recorded;
        for (const auto& [row, one] : head.recorded)
            recorded.push_back(one);
        std::size_t exactCells = 0;
        for (std::uint32_t level = 0; level < blockLevel(shape.grid); ++level) {
            const std::uint32_t side = cellsOfAxis(kTokens, level);
            const std::uint32_t tiles = (side + kTileSide - 1) / kTileSide;
            for (std::uint32_t tileRow = 0; tileRow < tiles; ++tileRow) {
                const TileStrip strip{3, 7, level, tileRow, 0, tileRow + 1};
                const StripParts plain{head.edges, {}, shape.window, recorded};
                StripParts parts = plain;
                parts.exact = windows;
                const TileRun without = buildStrip(plain, strip);
                const TileRun with = buildStrip(parts, strip);
                QCOMPARE(with.size(), without.size());
                for (std::size_t tile = 0; tile < with.size(); ++tile) {
                    QVERIFY(with[tile]->count == without[tile]->count);
                    QVERIFY(with[tile]->recorded == without[tile]->recorded);
                    for (std::uint32_t i = 0; i < kTileSide * kTileSide; ++i) {
                        const std::uint32_t row = tileRow * kTileSide + i / kTileSide;
                        const std::uint32_t col = with[tile]->key.col * kTileSide + i % kTileSide;
                        if (row >= side || col > row)
                            continue;
                        const TokenRange rows{row << level, std::min(kTokens, (row + 1) << level)};
                        const TokenRange keys{col << level, std::min(kTokens, (col + 1) << level)};
                        const bool isGiven = windows[0]->holds(rows, keys) || windows[1]->holds(rows, keys);
                        exactCells += isGiven ? 1 : 0;
                        const int expected = isGiven ? codeOf(head, rows, keys) : without[tile]->max[i];
                        QVERIFY2(with[tile]->max[i] == expected,
                                 qPrintable(QString("level %1, cell %2,%3").arg(level).arg(row).arg(col)));
                    }
                }
            }
        }
        QVERIFY(exactCells > 1000);
    }
};

QTEST_APPLESS_MAIN(TestExactTiles)
#include "tst_exact_tiles.moc"
