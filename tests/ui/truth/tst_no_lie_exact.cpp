// SPDX-License-Identifier: GPL-3.0-or-later
// Headwater may never lie (tst_no_lie.cpp) where sessions have given pairs: exact windows, windows over
// rounded keys, overlapping ones, and windows of whole rows in a map of kept keys.
#include "exact_words_oracle.h"
#include "made_traces.h"
#include "made_view.h"
#include "painted_words.h"
#include "picture_oracle.h"
#include "ui/map/map_tiles.h"
#include "ui/map/map_view.h"
#include "ui/map/state_legend.h"

#include <QLabel>
#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

/// A view that shows pairs, and windows around a place in it.
struct GivenView {
    MadeView view;
    GivenWindows given;
};

GivenView makeGivenView(const DenseTrace& dense, std::mt19937& random)
{
    GivenView made;
    do
        made.view = makeView(dense, random);
    while (drawnLevel(made.view.viewport, made.view.devicePixelRatio, dense.grid())
           >= blockLevel(dense.grid()));
    const MapViewport& at = made.view.viewport;
    const double row = at.query + uniform(random) * made.view.size.height() * at.queryTokensPerPixel();
    const double key = at.key + uniform(random) * made.view.size.width() * at.tokensPerPixel;
    made.given = GivenWindows::make(dense, row, std::min(key, row), random);
    return made;
}

/// A renderer that paints the numbers of a session's rows outside the frame of what it has given.
QImage spilled(const DenseTrace& dense, const MapFrame& frame, const PictureOracle& oracle,
               const GivenWindows& given, const QImage& honest)
{
    QImage image = honest;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const auto pair = oracle.pairAt(x, y);
            if (!pair || oracle.holdsNumber(x, y) || given.holds(pair->first, pair->second))
                continue;
            const int code = std::max(1, codeOf(dense.p(pair->first, pair->second)));
            const QRgb colour = frame.colours.ofCode[static_cast<std::size_t>(code)];
            if (!oracle.isQuiet(colour)) // the low end of a light scale
                image.setPixel(x, y, colour);
        }
    }
    return image;
}

/// Lets a view's tiles show another window.
template <class Tiles> void give(Tiles& tiles, const std::shared_ptr<const ExactWindow>& window)
{
    if constexpr (requires { tiles.addExact(window); })
        tiles.addExact(window);
    else
        tiles.reader().addExact(window);
}

TokenPair pairAt(const DenseTrace& dense, const QPointF& token)
{
    if (token.x() < 0 || token.y() < 0 || token.y() >= dense.seqLen()
        || std::floor(token.x()) > std::floor(token.y()))
        return {};
    return {static_cast<std::uint32_t>(token.y()), static_cast<std::uint32_t>(token.x())};
}

} // namespace

class TestNoLieExact : public MadeTraces {
    Q_OBJECT

private slots:
    void map_anyWindows_showsOnlyWhatIsHeldOrGiven();
    void words_anyPlace_sayWhatWasGiven();
    void legend_anyWindows_promisesNoMoreThanTheyHold();
    void mapOfKeptKeys_framesAndNamesWholeRows();
};

void TestNoLieExact::map_anyWindows_showsOnlyWhatIsHeldOrGiven()
{
    int spills = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7561);
        for (int i = 0; i < 2; ++i) {
            const auto [view, given] = makeGivenView(*dense, random);
            MadeFrame framed(*dense, view, MapMode::Max, given.asKept());
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            const PictureOracle oracle(*dense, frame, heldOrGivenNumbers(*dense, frame.level, given));
            const QImage image = drawn(frame);
            const std::string lie = oracle.findLie(image);
            QVERIFY2(lie.empty(), fmt::format("trace {}, view {}: {}", seed, i, lie).c_str());
            const QImage mutant = spilled(*dense, frame, oracle, given, image);
            if (mutant == image)
                continue;
            QVERIFY2(!oracle.findLie(mutant).empty(), fmt::format("trace {}, view {}", seed, i).c_str());
            ++spills;
        }
    }
    qInfo("%d views with numbers outside the frame: all found out", spills);
    QVERIFY(spills > static_cast<int>(kTraces) / 2);
}

void TestNoLieExact::words_anyPlace_sayWhatWasGiven()
{
    int exact = 0;
    int rounded = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7573);
        const auto heads = std::make_shared<HeadCache>(std::make_shared<TraceHeadSource>(dense->trace()),
                                                       std::size_t{64} << 20);
        for (int i = 0; i < 3; ++i) {
            const auto [view, given] = makeGivenView(*dense, random);
            TileSource source(heads, TileSource::Options(), [](std::uint64_t) {});
            const auto windows = given.asKept();
            source.setExact(windows);
            MadeFrame framed(*dense, view, MapMode::Max, windows);
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            const ExactWordsOracle oracle(*dense, given);
            for (int place = 0; place < 12; ++place) {
                const QPointF point(uniform(random) * frame.size.width(),
                                    uniform(random) * frame.size.height());
                const auto cell = cellAt(frame, point);
                if (!cell)
                    continue;
                TokenPair pointed = pairAt(*dense, tokenAt(frame.viewport, point));
                if (!holds(*cell, pointed))
                    pointed = {};
                CellAnswer answer = lookUpCell(source, *dense->trace(), {}, *cell);
                QVERIFY2(answer.known, answer.failure ? answer.failure->text().c_str() : "unknown");
                const TooltipContent content = tooltipOf(answer, *dense->trace(), MapMode::Max, pointed);
                const std::string lie = oracle.findLie(content, *cell, pointed);
                QVERIFY2(lie.empty(), fmt::format("trace {}: {}", seed, lie).c_str());
                if (!answer.pair || answer.pair->state != KnownPair::State::Exact)
                    continue;
                ++(answer.pair->isRounded ? rounded : exact);
                QCOMPARE(ExactWordsOracle::saysRounded(content), answer.pair->isRounded);
                if (!answer.pair->isRounded)
                    continue;
                // Words that pass rounded keys off as exact.
                answer.pair->isRounded = false;
                const bool couldBeExact =
                    std::ranges::any_of(given.holding({cell->queries.begin, cell->queries.end},
                                                      {cell->keys.begin, cell->keys.end}),
                                        [](const ExactWindow* window) { return window->isExact; });
                const TooltipContent liar = tooltipOf(answer, *dense->trace(), MapMode::Max, pointed);
                QVERIFY2(couldBeExact || !oracle.findLie(liar, *cell, pointed).empty(),
                         liar.pill.toUtf8().constData());
            }
        }
    }
    qInfo("%d places exact, %d over rounded keys", exact, rounded);
    QVERIFY(exact > static_cast<int>(kTraces) && rounded > static_cast<int>(kTraces) / 4);
}

/// "every pair exact" is said of a screen only where the hand finds nothing else on it.
void TestNoLieExact::legend_anyWindows_promisesNoMoreThanTheyHold()
{
    int promises = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; seed += 3) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7577);
        const auto [view, given] = makeGivenView(*dense, random);
        const bool isFirst = below(random, 2) == 0;
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        StateLegend legend(&subject, &look, &tiles);
        subject.setTrace(dense->trace());
        tiles.setSurface(view.size, view.devicePixelRatio);
        look.setViewport(view.viewport);
        const auto onScreen = tiles.pairsOnScreen();
        if (!onScreen)
            continue;
        // All that is on screen, before the others or after them.
        GivenWindows all;
        all.give(*dense, onScreen->rows, onScreen->keys, below(random, 3) == 0);
        for (const GivenWindows* one : {isFirst ? &all : &given, isFirst ? &given : &all})
            for (const auto& window : one->windows())
                give(tiles, window);
        const QString said = legend.findChild<QLabel*>("colourExact")->text();
        QVERIFY2(!said.isEmpty(), fmt::format("trace {}", seed).c_str());
        QVERIFY(said.contains(dense->normaliser() == Normaliser::Exact ? "p_model" : "p_stream"));
        const MapFrame frame = tiles.frame(view.theme());
        for (int place = 0; place < 20; ++place) {
            const auto cell =
                cellAt(frame, {uniform(random) * view.size.width(), uniform(random) * view.size.height()});
            if (!cell)
                continue;
            const CellAnswer answer = lookUpCell(*tiles.source(), *dense->trace(), {}, *cell);
            QVERIFY(answer.known && answer.pair);
            if (answer.pair->state == KnownPair::State::None)
                continue;
            const bool isPromised = said.startsWith("every pair exact");
            QVERIFY2(answer.pair->state == KnownPair::State::Exact && !(isPromised && answer.pair->isRounded),
                     fmt::format("trace {}: “{}”, but not rows {}:{} keys {}:{}", seed, said.toStdString(),
                                 cell->queries.begin, cell->queries.end, cell->keys.begin, cell->keys.end)
                         .c_str());
            promises += isPromised ? 1 : 0;
        }
    }
    QVERIFY(promises > static_cast<int>(kTraces));
}

/// In a map of kept keys the rows of a session are another quantity: a frame with its word is around them,
/// and outside it nothing changes.
void TestNoLieExact::mapOfKeptKeys_framesAndNamesWholeRows()
{
    constexpr int kFrame = 2; ///< pixels that the frame's pen reaches outwards
    int framed = 0;
    int named = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        const bool isOfKept = dense->normaliser() == Normaliser::Kept;
        if (!isOfKept && seed % 8 != 0)
            continue;
        std::mt19937 random(seed * 7583);
        const auto [view, given] = makeGivenView(*dense, random);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        MapView map(&subject, &look, &tiles, std::make_unique<RasterMapRenderer>());
        map.resize(view.size);
        subject.setTrace(dense->trace());
        map.show();
        look.setViewport(view.viewport);
        look.setColours(view.colours);
        const auto picture = [&] {
            QCoreApplication::processEvents();
            return map.grab().toImage();
        };
        QTRY_COMPARE(tiles.tileStatus().pending, std::size_t{0});
        const QImage before = picture();
        QVERIFY(look.viewport() == view.viewport);
        QRegion around; // what was given, and the frame's reach
        QRectF largest;
        for (const auto& window : given.windows()) {
            give(tiles, window);
            const QRectF place(pixelAt(view.viewport, window->keys.begin, window->rows.begin),
                               pixelAt(view.viewport, window->keys.end, window->rows.end));
            const QRectF shown = place.intersected(map.rect());
            around += shown.toAlignedRect().adjusted(-kFrame, -kFrame, kFrame, kFrame);
            if (shown.width() * shown.height() > largest.width() * largest.height())
                largest = shown;
        }
        QTRY_COMPARE(tiles.tileStatus().pending, std::size_t{0});
        const QImage after = picture();
        for (int y = 0; y < after.height(); ++y) {
            for (int x = 0; x < after.width(); ++x) {
                QVERIFY2(
                    before.pixel(x, y) == after.pixel(x, y) || around.contains(QPoint(x, y)),
                    fmt::format("trace {}: pixel ({}, {}), outside of what was given", seed, x, y).c_str());
            }
        }
        PaintedWords words(map.size());
        map.render(&words);
        const bool isLarge = std::min(largest.width(), largest.height()) > 70;
        named += isOfKept && words.words().contains("p_stream") ? 1 : 0;
        QVERIFY(isOfKept || !words.words().contains("p_stream"));
        QVERIFY2(!isOfKept || !isLarge || words.words().contains("p_stream"),
                 fmt::format("trace {}: {}", seed, words.words().join("|").toStdString()).c_str());
        framed += isOfKept ? 1 : 0;
    }
    qInfo("%d maps of kept keys with windows, %d large enough for the word", framed, named);
    QVERIFY(framed > static_cast<int>(kTraces) / 10 && named > static_cast<int>(kTraces) / 30);
}

QTEST_MAIN(TestNoLieExact)
#include "tst_no_lie_exact.moc"
