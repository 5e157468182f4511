// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/view_geometry.h"

#include <QTest>
#include <cmath>
#include <random>
#include <set>

using namespace headwater;

namespace {

template <class Random> std::uint32_t below(Random& random, std::uint32_t end)
{
    return static_cast<std::uint32_t>(random() % end);
}

} // namespace

class TestViewGeometry : public QObject {
    Q_OBJECT
private slots:
    void zoomedAbout_twentyLevelsInAndOut_anchorStaysWithinAPixel_data();
    void zoomedAbout_twentyLevelsInAndOut_anchorStaysWithinAPixel();
    void zoomedAbout_beyondLimits_anchorStillStands();
    void wholeMap_anySurface_fillsItAndGrowsSquare();
    void viewOf_anyBox_isTheSmallestThatHoldsIt();
    void pairs_oneTokenReplaced_staysCausal();
    void kept_viewCentreOffTheMap_isMovedOnto();
    void drawnLevel_perScale_isCoarsestWithACellPerDevicePixel();
    void tilesInView_randomViews_coverEveryCausalTokenOnScreen();
    void parentsOf_tilesOfAFineLevel_containThemAll();
};

void TestViewGeometry::zoomedAbout_twentyLevelsInAndOut_anchorStaysWithinAPixel_data()
{
    QTest::addColumn<double>("factor");
    QTest::newRow("wheel notch") << std::exp2(120.0 / 360);
    QTest::newRow("double click") << 4.0;
    QTest::newRow("odd") << 1.37;
}

void TestViewGeometry::zoomedAbout_twentyLevelsInAndOut_anchorStaysWithinAPixel()
{
    QFETCH(double, factor);
    constexpr std::uint32_t seqLen = 1U << 20;
    const QSizeF size(1000, 800);
    const ZoomLimits limits = zoomLimits(seqLen, size);
    QVERIFY(std::log2(limits.coarsest / limits.finest) >= 20);
    std::mt19937 random(3);
    for (int round = 0; round < 50; ++round) {
        MapViewport viewport = wholeMap(seqLen, size);
        viewport.tokensPerPixel = limits.coarsest;
        viewport = kept(viewport, seqLen, size);
        const QPointF anchor(below(random, 1000) / 2.0 + 0.25, below(random, 800) / 2.0 + 0.75);
        const QPointF token = tokenAt(viewport, anchor);
        const bool onMap = token.x() >= 0 && token.x() < seqLen && token.y() >= 0 && token.y() < seqLen;
        if (!onMap)
            continue;
        const int steps = static_cast<int>(std::ceil(20 / std::log2(factor)));
        for (int direction : {1, -1}) {
            for (int i = 0; i < steps; ++i) {
                viewport = kept(zoomedAbout(viewport, anchor, direction > 0 ? factor : 1 / factor, limits),
                                seqLen, size);
                const QPointF now = pixelAt(viewport, token.x(), token.y());
                QVERIFY2(std::hypot(now.x() - anchor.x(), now.y() - anchor.y()) < 1,
                         qPrintable(QStringLiteral("step %1: %2, %3").arg(i).arg(now.x()).arg(now.y())));
            }
        }
    }
}

void TestViewGeometry::zoomedAbout_beyondLimits_anchorStillStands()
{
    ZoomLimits limits;
    limits.finest = 0.5;
    limits.coarsest = 100;
    const MapViewport viewport{1000, 2000, 1};
    const QPointF anchor(123, 45);
    for (const double factor : {1e6, 1e-6}) {
        const MapViewport zoomed = zoomedAbout(viewport, anchor, factor, limits);
        QCOMPARE(zoomed.tokensPerPixel, factor > 1 ? 0.5 : 100.0);
        QCOMPARE(tokenAt(zoomed, anchor), tokenAt(viewport, anchor));
    }
}

void TestViewGeometry::wholeMap_anySurface_fillsItAndGrowsSquare()
{
    for (const QSizeF size : {QSizeF(1000, 700), QSizeF(500, 900), QSizeF(640, 640), QSizeF(3000, 100)}) {
        const MapViewport whole = wholeMap(5000, size);
        const QPointF end = pixelAt(whole, 5000, 5000);
        const bool extreme = size.width() / size.height() > 4;
        QVERIFY(extreme ? end.x() < size.width() : std::abs(end.x() - size.width()) < 1e-6);
        QVERIFY(std::abs(end.y() - size.height()) < 1e-6);
        // Both scales shrink with every step in, and are one from the third octave on.
        const ZoomLimits limits = zoomLimits(5000, size);
        MapViewport viewport = whole;
        while (viewport.tokensPerPixel > limits.whole / 7.99) {
            const MapViewport next = zoomedAbout(viewport, {200, 50}, 1.1, limits);
            QVERIFY(next.tokensPerPixel < viewport.tokensPerPixel);
            QVERIFY(next.queryTokensPerPixel() < viewport.queryTokensPerPixel());
            viewport = next;
        }
        QCOMPARE(zoomedAbout(viewport, {200, 50}, 1.1, limits).stretch, 1.0);
    }
}

void TestViewGeometry::viewOf_anyBox_isTheSmallestThatHoldsIt()
{
    std::mt19937 random(8);
    constexpr std::uint32_t seqLen = 20000;
    for (int round = 0; round < 300; ++round) {
        const QSizeF size(300 + below(random, 900), 300 + below(random, 900));
        const double width = 50 + below(random, 15000);
        const double height = 50 + below(random, 15000);
        const QRectF box(below(random, seqLen - static_cast<std::uint32_t>(width)),
                         below(random, seqLen - static_cast<std::uint32_t>(height)), width, height);
        const MapViewport view = viewOf(box, seqLen, size);
        const QPointF from = pixelAt(view, box.left(), box.top());
        const QPointF to = pixelAt(view, box.right(), box.bottom());
        QVERIFY(from.x() > -1e-3 && from.y() > -1e-3 && to.x() < size.width() + 1e-3
                && to.y() < size.height() + 1e-3);
        QVERIFY(to.x() - from.x() > size.width() - 1e-3 || to.y() - from.y() > size.height() - 1e-3);
    }
}

void TestViewGeometry::pairs_oneTokenReplaced_staysCausal()
{
    const TokenPair pair{10U, 5U};
    QCOMPARE(withKey(pair, 10), (TokenPair{10U, 10U}));
    QCOMPARE(withKey(pair, 11), (TokenPair{std::nullopt, 11U}));
    QCOMPARE(withQuery(pair, 5), (TokenPair{5U, 5U}));
    QCOMPARE(withQuery(pair, 4), (TokenPair{4U, std::nullopt}));
    QCOMPARE(withQuery({}, 4), (TokenPair{4U, std::nullopt}));
}

void TestViewGeometry::kept_viewCentreOffTheMap_isMovedOnto()
{
    const QSizeF size(400, 300);
    const MapViewport moved = kept({-1e6, 5e6, 1}, 1000, size);
    QCOMPARE(moved.key, -200.0);
    QCOMPARE(moved.query, 850.0);
    const MapViewport whole = wholeMap(1000, size);
    QCOMPARE(kept(whole, 1000, size), whole);
}

void TestViewGeometry::drawnLevel_perScale_isCoarsestWithACellPerDevicePixel()
{
    const BlockGrid grid{1U << 20, 64, 32};
    for (const double ratio : {1.0, 1.25, 2.0}) {
        for (double tokens = 0.01; tokens < 5000; tokens *= 1.3) {
            const std::uint32_t level = drawnLevel({0, 0, tokens}, ratio, grid);
            // Blocks of at least 12 device pixels show their inside; smaller ones are cells.
            const std::uint32_t finest = 32 / tokens * ratio >= 12 ? 0 : 5;
            QVERIFY(level >= finest && level <= 12);
            if (level > finest)
                QVERIFY(std::exp2(level) <= tokens / ratio);
            if (level < 12)
                QVERIFY(std::exp2(level + 1) > tokens / ratio);
        }
    }
    QCOMPARE(drawnLevel({0, 0, 2}, 1, {100, 16, 16}), 4U); // one tile at the block size
    QCOMPARE(drawnLevel({0, 0, 1, 1}, 1, {100, 16, 16}), 0U);
    QCOMPARE(drawnLevel({0, 0, 1, 2}, 1, {100, 16, 16}), 4U); // blocks are low: 16 × 8 pixels
}

void TestViewGeometry::tilesInView_randomViews_coverEveryCausalTokenOnScreen()
{
    std::mt19937_64 random(11);
    for (int round = 0; round < 200; ++round) {
        const std::uint32_t seqLen = 1 + static_cast<std::uint32_t>(random() % 300000);
        const QSizeF size(50 + below(random, 1500), 50 + below(random, 900));
        const double scale = std::exp2(static_cast<double>(random() % 160) / 10 - 4);
        const double stretch = std::exp2(static_cast<double>(random() % 40) / 10 - 2);
        const MapViewport viewport = kept(
            {static_cast<double>(random() % seqLen), static_cast<double>(random() % seqLen), scale, stretch},
            seqLen, size);
        const std::uint32_t level = drawnLevel(viewport, 1, {seqLen, 16, 16});
        const std::vector<TileKey> tiles = tilesInView(viewport, size, seqLen, {1, 2}, level);
        const std::set<TileKey> unique(tiles.begin(), tiles.end());
        QCOMPARE(unique.size(), tiles.size());
        for (int probe = 0; probe < 40; ++probe) {
            const QPointF token =
                tokenAt(viewport,
                        {static_cast<double>(random() % static_cast<unsigned>(size.width())),
                         static_cast<double>(random() % static_cast<unsigned>(size.height()))});
            if (token.x() < 0 || token.y() < 0 || token.x() > token.y() || token.y() >= seqLen)
                continue;
            const TileKey key{1, 2, level, static_cast<std::uint32_t>(token.y()) >> level >> 8,
                              static_cast<std::uint32_t>(token.x()) >> level >> 8};
            QVERIFY(unique.contains(key));
        }
    }
}

void TestViewGeometry::parentsOf_tilesOfAFineLevel_containThemAll()
{
    constexpr std::uint32_t seqLen = 1U << 20;
    const std::vector<TileKey> tiles = tilesInView({400000, 700000, 16}, {1900, 1000}, seqLen, {0, 0}, 4);
    const std::vector<TileKey> parents = parentsOf(tiles, seqLen);
    QVERIFY(!parents.empty());
    QCOMPARE(parents.front(), (TileKey{0, 0, 12, 0, 0}));
    for (const TileKey& tile : tiles) {
        const TileKey parent{0, 0, 6, tile.row / 4, tile.col / 4};
        QVERIFY(std::find(parents.begin(), parents.end(), parent) != parents.end());
    }
    QVERIFY(parentsOf(tilesInView({0, 0, 1100}, {1000, 1000}, seqLen, {0, 0}, 12), seqLen).empty());
}

QTEST_APPLESS_MAIN(TestViewGeometry)
#include "tst_view_geometry.moc"
