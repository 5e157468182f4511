// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/tile_source.h"

#include "core/tiles/tile_order.h"
#include "fake_head_source.h"

#include <QTest>

using namespace headwater;
using namespace headwater::testing;

namespace {

/// Counts the callbacks and waits for them.
class Finished {
public:
    TileSource::Ready callback()
    {
        return [this](std::uint64_t generation) {
            {
                const std::scoped_lock lock(m_mutex);
                m_generations.push_back(generation);
            }
            m_changed.notify_all();
        };
    }

    /// Returns when `done()` is true; checked after every callback.
    template <class Done> void waitUntil(Done done)
    {
        std::unique_lock lock(m_mutex);
        std::size_t seen = 0;
        while (true) {
            seen = m_generations.size();
            lock.unlock();
            if (done())
                return;
            lock.lock();
            m_changed.wait(lock, [&] { return m_generations.size() != seen; });
        }
    }

    std::vector<std::uint64_t> generations()
    {
        const std::scoped_lock lock(m_mutex);
        return m_generations;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::uint64_t> m_generations;
};

constexpr BlockGrid kGrid{20000, 8, 8};

std::vector<TileKey> allTiles(int head, std::uint32_t level)
{
    std::vector<TileKey> keys;
    for (std::uint32_t row = 0; row * kTileSide < cellsOfAxis(kGrid.seqLen, level); ++row) {
        for (std::uint32_t col = 0; col <= row; ++col)
            keys.push_back({0, head, level, row, col});
    }
    return keys;
}

bool equalTiles(const Tile& a, const Tile& b)
{
    return a.key == b.key && a.max == b.max && a.count == b.count && a.missed == b.missed;
}

std::shared_ptr<HeadCache> cached(std::shared_ptr<const HeadSource> source)
{
    return std::make_shared<HeadCache>(std::move(source), std::size_t{1} << 30);
}

} // namespace

class TestTileSource : public QObject {
    Q_OBJECT

private slots:
    void order_visible_isParentsThenCentre();
    void request_allLevels_equalsTheBuilder_data();
    void request_allLevels_equalsTheBuilder();
    void request_coarseLevel_comesFromTheOverview();
    void request_newerGeneration_dropsAndStopsTheOlder();
    void request_sameHeadAtAnotherLevel_keepsTheLoadGoing();
    void request_skirt_waitsForTheVisible();
    void cache_overBudget_keepsTheVisibleAndTheCoarsest();
    void failure_damagedHead_isNamedAndNotRetried();
    void unavailable_noEdgesStored_isNotPending();
    void setSource_growingTrace_keepsFinishedHeads_data();
    void setSource_growingTrace_keepsFinishedHeads();
    void destructor_whileLoading_returns();
};

void TestTileSource::order_visible_isParentsThenCentre()
{
    std::vector<TileKey> keys;
    for (std::uint32_t row = 10; row < 13; ++row) {
        for (std::uint32_t col = 0; col < 3; ++col)
            keys.push_back({0, 0, 2, row, col});
    }
    keys.push_back({0, 0, 4, 2, 0});
    keys.push_back({0, 0, 2, 5, 6}); // future
    keys.push_back({0, 0, 2, 1000, 6}); // beyond the end
    const auto ordered = orderTiles(keys, kGrid.seqLen);
    QCOMPARE(ordered.size(), std::size_t{10});
    QCOMPARE(ordered[0].level, 4u);
    QVERIFY((ordered[1] == TileKey{0, 0, 2, 11, 1}));
    const auto isCorner = [](const TileKey& key) { return key.row != 11 && key.col != 1; };
    QVERIFY(std::none_of(ordered.begin() + 1, ordered.begin() + 6, isCorner));
    QVERIFY(std::all_of(ordered.begin() + 6, ordered.end(), isCorner));
}

void TestTileSource::request_allLevels_equalsTheBuilder_data()
{
    QTest::addColumn<int>("threads");
    QTest::newRow("1") << 1;
    QTest::newRow("3") << 3;
}

void TestTileSource::request_allLevels_equalsTheBuilder()
{
    QFETCH(const int, threads);
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 2, 4000, 11);
    Finished finished;
    TileSource tiles(cached(source), {std::size_t{1} << 30, static_cast<std::size_t>(threads)},
                     finished.callback());
    std::uint64_t generation = 0;
    for (const std::uint32_t level : {7u, 5u, 3u, 2u}) {
        auto keys = allTiles(0, level);
        const auto other = allTiles(1, level);
        keys.insert(keys.end(), other.begin(), other.end());
        tiles.request(++generation, keys, {});
        finished.waitUntil([&] { return tiles.status().pending == 0; });
        for (const TileKey& key : keys) {
            const auto tile = tiles.find(key);
            QVERIFY(tile);
            const TileStrip strip{0, key.head, level, key.row, key.col, key.col + 1};
            QVERIFY(equalTiles(*tile, *buildStrip({source->edges(key.head), source->missed()}, strip)[0]));
        }
    }
    QVERIFY(!tiles.status().failure);
    QCOMPARE(source->edgeLoads.load(), 2);
    QVERIFY(tiles.heads().loadEdges(0, 0, TokenRange{0, 1}).value().get() == &source->edges(0));
    QVERIFY((tiles.findAncestor({0, 0, 0, 9, 9})->key == TileKey{0, 0, 2, 2, 2}));
    QVERIFY(!tiles.findAncestor({0, 5, 0, 9, 9}));
}

void TestTileSource::request_coarseLevel_comesFromTheOverview()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 1, 4000, 12);
    source->addOverviews();
    source->storesEdges = false;
    Finished finished;
    TileSource tiles(cached(source), {}, finished.callback());
    const std::uint32_t level = coarsestLevel(kGrid.seqLen);
    const std::vector<TileKey> keys{{0, 0, level, 0, 0}};
    tiles.request(1, keys, {});
    // The tile is there a moment before its callback.
    finished.waitUntil([&] { return tiles.status().pending == 0 && !finished.generations().empty(); });
    QVERIFY(equalTiles(*tiles.find(keys[0]),
                       *buildStrip({source->edges(0), source->missed()}, {0, 0, level, 0, 0, 1})[0]));
    QCOMPARE(source->edgeLoads.load(), 0);
    QCOMPARE(finished.generations().back(), std::uint64_t{1});
}

void TestTileSource::request_newerGeneration_dropsAndStopsTheOlder()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 2, 1000, 13);
    Finished finished;
    TileSource tiles(cached(source), {}, finished.callback());
    source->closeGate();
    tiles.request(1, allTiles(0, 3), {});
    source->waitForLoad();
    const std::vector<TileKey> wanted{{0, 1, 7, 0, 0}};
    tiles.request(2, wanted, {});
    QCOMPARE(tiles.status().pending, std::size_t{1});
    source->openGate();
    finished.waitUntil([&] { return tiles.status().pending == 0 && !finished.generations().empty(); });
    QVERIFY(tiles.find(wanted[0]));
    QCOMPARE(source->stoppedLoads.load(), 1);
    QCOMPARE(finished.generations(), std::vector<std::uint64_t>{2});
    for (const TileKey& key : allTiles(0, 3))
        QVERIFY(!tiles.find(key));
}

void TestTileSource::request_sameHeadAtAnotherLevel_keepsTheLoadGoing()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 1, 1000, 14);
    Finished finished;
    TileSource tiles(cached(source), {}, finished.callback());
    source->closeGate();
    tiles.request(1, allTiles(0, 3), {});
    source->waitForLoad();
    for (std::uint64_t generation = 2; generation < 20; ++generation)
        tiles.request(generation, allTiles(0, static_cast<std::uint32_t>(3 + generation % 3)), {});
    source->openGate();
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QCOMPARE(source->edgeLoads.load(), 1);
    QCOMPARE(source->stoppedLoads.load(), 0);
    for (const std::uint64_t generation : finished.generations())
        QCOMPARE(generation, std::uint64_t{19});
}

void TestTileSource::request_skirt_waitsForTheVisible()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 1, 1000, 15);
    Finished finished;
    std::atomic<bool> skirtWasEarly = false;
    TileSource* self = nullptr;
    const std::vector<TileKey> skirt{{0, 0, 3, 0, 0}};
    const auto callback = finished.callback();
    TileSource tiles(cached(source), {}, [&](std::uint64_t generation) {
        if (self->status().pending > 0 && self->find(skirt[0]))
            skirtWasEarly = true;
        callback(generation);
    });
    self = &tiles;
    std::vector<TileKey> visible = allTiles(0, 3);
    std::erase(visible, skirt[0]);
    tiles.request(1, visible, skirt);
    finished.waitUntil([&] { return tiles.find(skirt[0]) != nullptr; });
    QVERIFY(!skirtWasEarly);
    QCOMPARE(tiles.status().pending, std::size_t{0});
}

void TestTileSource::cache_overBudget_keepsTheVisibleAndTheCoarsest()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 3, 1000, 16);
    Finished finished;
    const std::size_t budget = 12 * sizeof(Tile);
    TileSource tiles(cached(source), {budget, 1}, finished.callback());
    const std::uint32_t coarsest = coarsestLevel(kGrid.seqLen);
    std::uint64_t generation = 0;
    for (int head = 0; head < 3; ++head) {
        const std::vector<TileKey> whole{{0, head, coarsest, 0, 0}};
        tiles.request(++generation, whole, {});
        finished.waitUntil([&] { return tiles.status().pending == 0; });
    }
    const auto keys = allTiles(1, 3);
    for (std::size_t from = 0; from + 8 <= keys.size(); from += 8) {
        const std::span<const TileKey> screen(keys.data() + from, 8);
        tiles.request(++generation, screen, {});
        finished.waitUntil([&] { return tiles.status().pending == 0; });
        QVERIFY(tiles.status().cachedBytes <= budget);
        for (const TileKey& key : screen)
            QVERIFY(tiles.find(key));
        for (int head = 0; head < 3; ++head)
            QVERIFY(tiles.find({0, head, coarsest, 0, 0}));
    }
    // A screen larger than the budget is still drawn; then not even whole maps of other heads stay.
    tiles.request(++generation, std::span(keys).first(20), {});
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QCOMPARE(tiles.status().cachedBytes, 20 * sizeof(Tile));
    QVERIFY(!tiles.find({0, 0, coarsest, 0, 0}));
}

void TestTileSource::failure_damagedHead_isNamedAndNotRetried()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 2, 1000, 17);
    source->addOverviews();
    source->failingHead = 1;
    Finished finished;
    TileSource tiles(cached(source), {}, finished.callback());
    const auto keys = allTiles(1, 3);
    tiles.request(1, keys, {});
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QVERIFY(tiles.status().failure);
    QCOMPARE(tiles.status().failure->context, std::string("layer 0 head 1"));
    QCOMPARE(source->edgeLoads.load(), 1);
    // Its overview is whole and still shows.
    const std::vector<TileKey> whole{{0, 1, coarsestLevel(kGrid.seqLen), 0, 0}};
    tiles.request(2, whole, {});
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QVERIFY(tiles.find(whole[0]));
    QVERIFY(!tiles.status().failure);
}

void TestTileSource::unavailable_noEdgesStored_isNotPending()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 1, 1000, 18);
    source->storesEdges = false;
    Finished finished;
    TileSource tiles(cached(source), {}, finished.callback());
    const std::vector<TileKey> keys{{0, 0, 3, 0, 0}, {0, 9, 3, 0, 0}};
    tiles.request(1, keys, {});
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QVERIFY(!tiles.find(keys[0]) && !tiles.find(keys[1]));
    QVERIFY(!tiles.status().failure);
}

void TestTileSource::setSource_growingTrace_keepsFinishedHeads_data()
{
    QTest::addColumn<bool>("isKnown");
    QTest::newRow("kept mass known") << true;
    QTest::newRow("kept mass unknown") << false;
}

void TestTileSource::setSource_growingTrace_keepsFinishedHeads()
{
    QFETCH(const bool, isKnown);
    const auto made = [&](int numHeads, std::size_t edges, std::uint64_t seed) {
        auto source = std::make_shared<FakeHeadSource>(kGrid, numHeads, edges, seed);
        if (!isKnown)
            source->forgetKeptMass();
        return source;
    };
    const auto first = made(1, 1000, 19);
    Finished finished;
    TileSource tiles(cached(first), {}, finished.callback());
    const std::vector<TileKey> keys{{0, 0, 4, 0, 0}, {0, 1, 4, 0, 0}};
    tiles.request(1, keys, {});
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    const auto kept = tiles.find(keys[0]);
    QVERIFY(kept && !tiles.find(keys[1]));

    // One more head, the first one unchanged: its tile stays, the new one is made without being asked again.
    const auto longer = made(2, 1000, 19);
    tiles.setSource(longer);
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QVERIFY(tiles.find(keys[1]));
    QVERIFY(tiles.find(keys[0]) == kept);
    QCOMPARE(longer->edgeLoads.load(), 1); // the new head's

    // All heads rewritten: the old tile is shown until the new one replaces it.
    const auto rewritten = made(2, 900, 20);
    rewritten->closeGate();
    tiles.setSource(rewritten);
    rewritten->waitForLoad();
    QVERIFY(tiles.find(keys[0]) == kept);
    QCOMPARE(tiles.status().pending, std::size_t{2});
    rewritten->openGate();
    finished.waitUntil([&] { return tiles.status().pending == 0; });
    QVERIFY(equalTiles(*tiles.find(keys[0]),
                       *buildStrip({rewritten->edges(0), rewritten->missed()}, {0, 0, 4, 0, 0, 1})[0]));
}

void TestTileSource::destructor_whileLoading_returns()
{
    const auto source = std::make_shared<FakeHeadSource>(kGrid, 1, 1000, 21);
    source->closeGate();
    {
        TileSource tiles(cached(source), {std::size_t{1} << 28, 2}, {});
        tiles.request(1, allTiles(0, 3), {});
        source->waitForLoad();
    }
    QCOMPARE(source->stoppedLoads.load() >= 1, true);
}

QTEST_APPLESS_MAIN(TestTileSource)
#include "tst_tile_source.moc"
