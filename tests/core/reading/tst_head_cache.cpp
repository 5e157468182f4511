// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_cache.h"

#include "core/base/log_code.h"
#include "core/tiles/fake_head_source.h"
#include "core/tiles/strip_loader.h"

#include <QTest>

#include <future>
#include <thread>

using namespace headwater;
using namespace headwater::testing;

namespace {

/// Whether the head is here as a whole: then a row of it is answered with all of it.
bool holdsWhole(HeadCache& cache, int head)
{
    const auto rows = cache.loadEdges(0, head, TokenRange{0, 1});
    return rows && (*rows)->holds({0, (*rows)->grid.seqLen});
}

} // namespace

class TestHeadCache : public QObject {
    Q_OBJECT

private slots:
    void byteLru_overBudget_dropsTheLongestUnusedThatMayGo();
    void loadEdges_beyondBudget_dropsTheLongestUnused();
    void loadEdges_manyThreads_decodesOnce();
    void loadEdges_firstCallerStopped_othersGetTheData();
    void loadEdges_damaged_failsAndIsNotKept();
    void loadEdges_sourceThrows_nobodyWaitsForIt();
    void loadEdges_ofRows_readsTheirChunkOnce();
    void loadEdges_ofRowsOfAllHeads_leavesTheWholeHeadHere();
    void setSource_duringALoad_doesNotKeepTheOldData();
    void setSource_sameHeads_keepsWhatIsHere();
    void loadTokenRows_band_isReadOnceAndReachesTheTiles();
};

void TestHeadCache::byteLru_overBudget_dropsTheLongestUnusedThatMayGo()
{
    ByteLru<int, int> lru;
    for (int i = 0; i < 5; ++i)
        lru.insert(i, 10 * i, 100);
    QCOMPARE(lru.bytes(), std::size_t{500});
    QCOMPARE(*lru.find(0), 0);
    lru.evict(300, [](int key) { return key != 1; });
    QCOMPARE(lru.bytes(), std::size_t{300});
    QVERIFY(lru.peek(0) && lru.peek(1) && !lru.peek(2) && !lru.peek(3) && lru.peek(4));
    lru.insert(4, 41, 50);
    QCOMPARE(*lru.peek(4), 41);
    QCOMPARE(lru.bytes(), std::size_t{250});
    lru.evict(0, [](int) { return false; });
    QCOMPARE(lru.size(), std::size_t{3});
    lru.evict(0, [](int) { return true; });
    QCOMPARE(lru.bytes(), std::size_t{0});
    QCOMPARE(lru.size(), std::size_t{0});
}

void TestHeadCache::loadEdges_beyondBudget_dropsTheLongestUnused()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 4, 500, 1);
    HeadCache cache(source, source->edges(0).bytes() * 2 + 100);
    for (const int head : {0, 1, 0, 2})
        QVERIFY(cache.loadEdges(0, head));
    QVERIFY(cache.bytes() <= source->edges(0).bytes() * 2 + 100);
    QVERIFY(holdsWhole(cache, 0));
    QVERIFY(holdsWhole(cache, 2));
    QVERIFY(!holdsWhole(cache, 1));
    QCOMPARE(source->edgeLoads.load(), 3);
}

void TestHeadCache::loadEdges_manyThreads_decodesOnce()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 500, 2);
    HeadCache cache(source, std::size_t{1} << 30);
    source->closeGate();
    std::atomic<int> succeeded = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] { succeeded += cache.loadEdges(0, 0).has_value(); });
    source->waitForLoad();
    source->openGate();
    threads.clear();
    QCOMPARE(succeeded.load(), 6);
    QCOMPARE(source->edgeLoads.load(), 1);
}

void TestHeadCache::loadEdges_firstCallerStopped_othersGetTheData()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 500, 3);
    HeadCache cache(source, std::size_t{1} << 30);
    source->closeGate();
    std::stop_source stop;
    std::atomic<int> first = -1;
    std::atomic<int> second = -1;
    std::jthread stopped([&] {
        const auto edges = cache.loadEdges(0, 0, stop.get_token());
        first = edges ? 1 : (edges.error().code == ErrorCode::Cancelled ? 0 : 2);
    });
    source->waitForLoad();
    std::jthread other([&] { second = cache.loadEdges(0, 0).has_value(); });
    stop.request_stop();
    stopped.join();
    source->openGate();
    other.join();
    QCOMPARE(first.load(), 0);
    QCOMPARE(second.load(), 1);
    QVERIFY(holdsWhole(cache, 0));
}

void TestHeadCache::loadEdges_damaged_failsAndIsNotKept()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 2, 500, 4);
    source->failingHead = 1;
    HeadCache cache(source, std::size_t{1} << 30);
    const auto edges = cache.loadEdges(0, 1);
    QVERIFY(!edges);
    QCOMPARE(edges.error().context, std::string("layer 0 head 1"));
    QCOMPARE(cache.bytes(), std::size_t{0});
    QVERIFY(!holdsWhole(cache, 1));
}

void TestHeadCache::loadEdges_sourceThrows_nobodyWaitsForIt()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 500, 11);
    HeadCache cache(source, std::size_t{1} << 30);
    source->throwing = true;
    source->closeGate();
    std::stop_source stop;
    const auto load = [&cache, &stop] { return cache.loadEdges(0, 0, stop.get_token()).has_value(); };
    auto thrown = std::async(std::launch::async, load);
    source->waitForLoad();
    auto waiting = std::async(std::launch::async, [&] {
        try {
            return load();
        } catch (const std::runtime_error&) {
            return false; // it came first to the lock, and loads itself
        }
    });
    source->openGate();
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, thrown.get());
    const bool goesOn = waiting.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    stop.request_stop(); // or the test would wait too
    waiting.wait();
    QVERIFY(goesOn);
    source->throwing = false;
    QVERIFY(cache.loadEdges(0, 0));
}

void TestHeadCache::loadEdges_ofRows_readsTheirChunkOnce()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 500, 7);
    HeadCache cache(source, std::size_t{1} << 30);
    for (const std::uint32_t row : {300u, 511u, 256u}) { // one chunk
        const auto rows = cache.loadEdges(0, 0, TokenRange{row, row + 1});
        QVERIFY(rows && (*rows)->holds({row, row + 1}));
        QCOMPARE((*rows)->firstBlock, 32u);
        QCOMPARE((*rows)->endBlock(), 64u);
    }
    QCOMPARE(source->sliceLoads.load(), 1);
    QCOMPARE(source->edgeLoads.load(), 0);
    QVERIFY((*cache.loadEdges(0, 0, TokenRange{512, 513}))->holds({512, 513}));
    QCOMPARE(source->sliceLoads.load(), 2);
    QVERIFY((*cache.loadEdges(0, 0, TokenRange{1999, 2000}))->holds({1999, 2000}));
    // Of a head that is here whole nothing is read again.
    QVERIFY(cache.loadEdges(0, 0));
    const auto whole = cache.loadEdges(0, 0, TokenRange{0, 1});
    QVERIFY(whole && (*whole)->holds({0, 2000}));
    QCOMPARE(source->sliceLoads.load(), 3);
}

void TestHeadCache::loadEdges_ofRowsOfAllHeads_leavesTheWholeHeadHere()
{
    const auto source = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 40, 500, 8);
    const std::size_t budget = source->edges(0).bytes() * 2;
    HeadCache cache(source, budget);
    QVERIFY(cache.loadEdges(0, 0));
    for (int head = 1; head < 40; ++head)
        QVERIFY(cache.loadEdges(0, head, TokenRange{1000, 1001}));
    QVERIFY(holdsWhole(cache, 0));
    QVERIFY2(cache.bytes() <= budget, qPrintable(QString::number(cache.bytes())));
    const int loads = source->sliceLoads;
    QVERIFY(cache.loadEdges(0, 39, TokenRange{1000, 1001}));
    QCOMPARE(source->sliceLoads.load(), loads); // the newest are here
    QVERIFY(cache.loadEdges(0, 1, TokenRange{1000, 1001}));
    QCOMPARE(source->sliceLoads.load(), loads + 1); // the oldest are not
}

void TestHeadCache::setSource_sameHeads_keepsWhatIsHere()
{
    const auto old = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 2, 500, 9);
    HeadCache cache(old, std::size_t{1} << 30);
    QVERIFY(cache.loadEdges(0, 0) && cache.loadEdges(0, 1, TokenRange{0, 1}));
    const auto now = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 3, 500, 9);
    cache.setSource(now);
    QVERIFY(cache.source() == now);
    QVERIFY(holdsWhole(cache, 0) && cache.loadEdges(0, 1, TokenRange{0, 1}));
    QCOMPARE(now->edgeLoads + now->sliceLoads, 0);
    cache.setSource(std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 3, 400, 10));
    QVERIFY(!holdsWhole(cache, 0));
}

void TestHeadCache::setSource_duringALoad_doesNotKeepTheOldData()
{
    const auto old = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 500, 5);
    const auto now = std::make_shared<FakeHeadSource>(BlockGrid{2000, 8, 8}, 1, 400, 6);
    HeadCache cache(old, std::size_t{1} << 30);
    old->closeGate();
    std::jthread loader([&] { (void)cache.loadEdges(0, 0).has_value(); });
    old->waitForLoad();
    cache.setSource(now);
    old->openGate();
    loader.join();
    QVERIFY(!holdsWhole(cache, 0));
    const auto edges = cache.loadEdges(0, 0);
    QVERIFY(edges);
    QCOMPARE((*edges)->keyBlock.size(), now->edges(0).keyBlock.size());
}

/// Rows that are recorded token by token are read by bands, once, and only for cells below the blocks.
void TestHeadCache::loadTokenRows_band_isReadOnceAndReachesTheTiles()
{
    const BlockGrid grid{600, 8, 8};
    const auto source = std::make_shared<FakeHeadSource>(grid, 2, 500, 8);
    source->tokenRows = {{0, 0, 511, {40, 3}, {0.5F, 0.25F}},
                         {0, 1, 511, {7}, {0.9F}},
                         {0, 0, 512, {41}, {0.75F}},
                         {0, 0, 599, {1}, {0.5F}}};
    HeadCache cache(source, std::size_t{1} << 30);
    const auto band = cache.loadTokenRows(0, 0, 1);
    QVERIFY(band);
    QCOMPARE((*band)->size(), std::size_t{1});
    QCOMPARE((**band)[0].row, 511U);
    QVERIFY(cache.loadTokenRows(0, 0, 1)->get() == band->get());
    QCOMPARE(source->tokenRowLoads.load(), 1);
    const auto last = cache.loadTokenRows(0, 0, 2);
    QVERIFY(last && (*last)->size() == 2 && (**last)[1].row == 599);

    const auto coarse = loadStrip(*source, cache, {0, 0, 3, 0, 0, 1}, {}, {});
    QVERIFY(coarse && (*coarse)[0]->recorded[511 >> 3] == 0);
    QCOMPARE(source->tokenRowLoads.load(), 2);
    const auto fine = loadStrip(*source, cache, {0, 0, 0, 1, 0, 1}, {}, {});
    QVERIFY(fine && (*fine)[0]->recorded[255] == 1 && (*fine)[0]->recorded[254] == 0);
    QCOMPARE((*fine)[0]->max[255 * kTileSide + 40], probabilityCode(0.5F));
    QCOMPARE((*fine)[0]->max[255 * kTileSide + 3], probabilityCode(0.25F));
    // One tile row of level 1 shows both bands; its cell row 255 has a row of each.
    const auto both = loadStrip(*source, cache, {0, 0, 1, 0, 0, 1}, {}, {});
    QVERIFY(both && (*both)[0]->recorded[255] == 0);
    QCOMPARE((*both)[0]->max[255 * kTileSide + 20], probabilityCode(0.5F));
    QCOMPARE(source->tokenRowLoads.load(), 3); // the first band, which is empty
}

QTEST_APPLESS_MAIN(TestHeadCache)
#include "tst_head_cache.moc"
