// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/tile_workers.h"

#include <QTest>
#include <algorithm>
#include <mutex>
#include <utility>

using namespace headwater;

namespace {

using Tiles = std::vector<std::pair<std::uint32_t, std::uint32_t>>; // first row, rows

/// The tiles that a row range comes in, by their first row.
Tiles tilesOf(TileWorkers& workers, RowRange rows)
{
    std::mutex mutex;
    Tiles tiles;
    workers.forTiles(rows, [&](TileRows tile, Scratch&) {
        const std::lock_guard lock(mutex);
        tiles.emplace_back(tile.first, tile.count);
    });
    return tiles;
}

} // namespace

class TestTileWorkers : public QObject {
    Q_OBJECT

private slots:
    void tilesAreAbsolute()
    {
        TileWorkers workers(3, Arena::Poison::Off);
        Tiles tiles = tilesOf(workers, {.first = 300, .count = 300});
        std::sort(tiles.begin(), tiles.end());
        QCOMPARE(tiles, (Tiles{{300, 212}, {512, 88}}));
        QCOMPARE(tilesOf(workers, {.first = 512, .count = 256}), (Tiles{{512, 256}}));
        QVERIFY(tilesOf(workers, {.first = 512, .count = 0}).empty());
    }

    void decodedRowsComeInOrder()
    {
        TileWorkers workers(3, Arena::Poison::Off);
        QCOMPARE(tilesOf(workers, {.first = 254, .count = 4, .mode = RowMode::Decode}),
                 (Tiles{{254, 1}, {255, 1}, {256, 1}, {257, 1}}));
    }

    /// A body that read what the one before it left would show it.
    void scratchIsFresh()
    {
        TileWorkers workers(1, Arena::Poison::On);
        int left = 0;
        workers.forTiles({.first = 0, .count = 3, .mode = RowMode::Decode}, [&](TileRows, Scratch& scratch) {
            float* const floats = scratch.floats(2);
            left += floats[0] == 1 || floats[1] == 1 ? 1 : 0;
            std::fill_n(floats, 2, 1.0f);
        });
        QCOMPARE(left, 0);
    }

    void stops()
    {
        TileWorkers workers(1, Arena::Poison::Off);
        std::stop_source stop;
        int ran = 0;
        workers.forTiles(
            {.first = 0, .count = 2048},
            [&](TileRows, Scratch&) {
                ++ran;
                stop.request_stop();
            },
            stop.get_token());
        QCOMPARE(ran, 1);
    }
};

QTEST_APPLESS_MAIN(TestTileWorkers)
#include "tst_tile_workers.moc"
