// SPDX-License-Identifier: GPL-3.0-or-later
// Headwater may never lie (tst_no_lie.cpp) in what is not the map of largest probabilities: kept blocks,
// missed mass, the strips beside the map, the minimap and the thumbnails.
#include "made_traces.h"
#include "made_view.h"
#include "picture_oracle.h"
#include "quantity_words_oracle.h"
#include "small_picture_oracle.h"
#include "strip_oracle.h"
#include "ui/heads/thumbnail_store.h"
#include "ui/map/minimap_picture.h"
#include "ui/map/profile_strip.h"
#include "ui/map/view_mask.h"

#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

CellNumbers numbersOf(const DenseTrace& dense, std::uint32_t level, MapMode mode)
{
    return mode == MapMode::Count ? countNumbers(dense, level)
        : mode == MapMode::Missed ? missedNumbers(dense, level)
                                  : heldNumbers(dense, level);
}

/// The picture with one of its numbers ten codes brighter (or, of the brightest, darker).
QImage misread(const QImage& honest, const ColourLut& colours, std::mt19937& random)
{
    QImage image = honest;
    for (int tries = 0; tries < 4000; ++tries) {
        const int x = static_cast<int>(below(random, static_cast<std::uint32_t>(image.width())));
        const int y = static_cast<int>(below(random, static_cast<std::uint32_t>(image.height())));
        const auto code = std::ranges::find(colours.ofCode, image.pixel(x, y)) - colours.ofCode.begin();
        if (code < 1 || code > 255)
            continue;
        const QRgb other = colours.ofCode[static_cast<std::size_t>(code > 240 ? code - 10 : code + 10)];
        image.setPixel(x, y, other);
        if (other != honest.pixel(x, y))
            return image;
    }
    return honest;
}

} // namespace

class TestNoLieQuantities : public MadeTraces {
    Q_OBJECT

private slots:
    void map_countAndMissed_showOnlyWhatIsHeld();
    void words_countAndMissed_sayOnlyWhatIsHeld();
    void strips_anyLock_showOnlyWhatIsHeld();
    void smallPictures_showOnlyWhatIsHeld();
};

void TestNoLieQuantities::map_countAndMissed_showOnlyWhatIsHeld()
{
    int misreadings = 0;
    int found = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7589);
        for (const MapMode mode : {MapMode::Count, MapMode::Missed}) {
            MadeFrame framed(*dense, makeView(*dense, random), mode);
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            const PictureOracle oracle(*dense, frame, numbersOf(*dense, frame.level, mode));
            const QImage image = drawn(frame);
            const std::string lie = oracle.findLie(image);
            QVERIFY2(lie.empty(),
                     fmt::format("trace {}, {}: {}", seed, mode == MapMode::Count ? "count" : "missed", lie)
                         .c_str());
            const QImage mutant = misread(image, frame.colours, random);
            if (mutant == image || frame.mask.sinks || frame.mask.diagonal)
                continue;
            ++misreadings;
            found += oracle.findLie(mutant).empty() ? 0 : 1;
        }
    }
    // A brighter pixel may be that of a cell that touches it too.
    qInfo("%d of %d pictures with a wrong number found out", found, misreadings);
    QVERIFY(misreadings > static_cast<int>(kTraces) / 4 && found * 100 > misreadings * 95);
}

void TestNoLieQuantities::words_countAndMissed_sayOnlyWhatIsHeld()
{
    int numbers = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7591);
        const auto heads = std::make_shared<HeadCache>(std::make_shared<TraceHeadSource>(dense->trace()),
                                                       std::size_t{64} << 20);
        const TileSource source(heads, TileSource::Options(), [](std::uint64_t) {});
        const QuantityWordsOracle oracle(*dense);
        for (int view = 0; view < 4; ++view) {
            const MapMode mode = view % 2 == 0 ? MapMode::Count : MapMode::Missed;
            MadeFrame framed(*dense, makeView(*dense, random), mode);
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            for (int i = 0; i < 8; ++i) {
                const auto cell = cellAt(
                    frame, {uniform(random) * frame.size.width(), uniform(random) * frame.size.height()});
                if (!cell)
                    continue;
                const CellAnswer answer = lookUpCell(source, *dense->trace(), {}, *cell);
                QVERIFY2(answer.known, answer.failure ? answer.failure->text().c_str() : "unknown");
                const TooltipContent content = tooltipOf(answer, *dense->trace(), mode);
                const std::string lie = oracle.findLie(content, *cell, mode);
                QVERIFY2(lie.empty(), fmt::format("trace {}: {}", seed, lie).c_str());
                numbers += content.value != "0" && content.value != "0.0 %" ? 1 : 0;
            }
        }
    }
    QVERIFY(numbers > 4 * static_cast<int>(kTraces));
}

void TestNoLieQuantities::strips_anyLock_showOnlyWhatIsHeld()
{
    int bars = 0;
    int mutants = 0;
    int found = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7603);
        const MadeView view = makeView(*dense, random);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        subject.setTrace(dense->trace());
        look.setViewport(view.viewport);
        const std::uint32_t row =
            seed % 2 == 0 ? dense->seqLen() - 1 - below(random, 10) : below(random, dense->seqLen());
        const std::uint32_t key = below(random, row + 1);
        for (const auto side : {ProfileStrip::Side::Right, ProfileStrip::Side::Bottom}) {
            const bool isRight = side == ProfileStrip::Side::Right;
            ProfileStrip strip(side, &subject, &look, &reader);
            strip.setPalette(paletteOf(view.theme()));
            strip.setAutoFillBackground(true);
            strip.resize(isRight ? QSize(ProfileStrip::kWidth, view.size.height())
                                 : QSize(view.size.width(), ProfileStrip::kHeight));
            strip.show();
            subject.setLocked({});
            subject.setLocked({row, key});
            const StripOracle oracle(isRight ? heldBarsOfKey(*dense, key) : heldBarsOfRow(*dense, row),
                                     isRight ? view.viewport.query : view.viewport.key,
                                     isRight ? view.viewport.queryTokensPerPixel()
                                             : view.viewport.tokensPerPixel);
            QTRY_VERIFY(oracle.isEmpty() || !strip.profile().bars.empty());
            QVERIFY(!strip.profile().failure);
            const QColor colour = isRight ? view.theme().key : view.theme().query;
            const int length = isRight ? strip.height() : strip.width();
            const double room = isRight ? strip.width() - 8 : strip.height() - 8 - ProfileStrip::kCaption;
            std::vector<int> lengths = barLengths(strip.grab().toImage(), isRight, colour.rgb());
            const std::string lie = oracle.findLie(lengths, room);
            QVERIFY2(lie.empty(),
                     fmt::format("trace {}, {}: {}", seed, isRight ? "key" : "row", lie).c_str());
            for (int pixel = 0; pixel < length; pixel += 3) {
                const QString said = strip.valueAt(pixel);
                const std::string wrong = oracle.findLie(said, pixel);
                QVERIFY2(wrong.empty(), fmt::format("trace {}, pixel {}: {}", seed, pixel, wrong).c_str());
                bars += said.isEmpty() ? 0 : 1;
            }
            // A bar that is a third too short, and one where nothing is.
            for (int& drawn : lengths) {
                const int honest = drawn;
                drawn = honest == 0 ? 9 : honest > 9 ? honest * 2 / 3 : honest;
                if (drawn == honest)
                    continue;
                ++mutants;
                found += oracle.findLie(lengths, room).empty() ? 0 : 1;
                break;
            }
        }
    }
    // A wrong length may be that of a bar one pixel on.
    qInfo("%d bars told, %d of %d wrong lengths found out", bars, found, mutants);
    QVERIFY(bars > 10 * static_cast<int>(kTraces) && mutants > static_cast<int>(kTraces)
            && found * 100 > mutants * 95);
}

void TestNoLieQuantities::smallPictures_showOnlyWhatIsHeld()
{
    int misreadings = 0;
    int found = 0;
    int contents = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7607);
        const MadeView view = makeView(*dense, random);
        const std::uint32_t side = dense->trace()->overviewSides().front();
        const auto overview = dense->trace()->loadOverview(0, 0, side);
        QVERIFY2(overview, overview ? "" : overview.error().text().c_str());
        const bool isUnknown = dense->normaliser() == Normaliser::Kept;
        for (const MapMode mode : {MapMode::Max, MapMode::Missed, MapMode::Count}) {
            const CellNumbers numbers = numbersOf(*dense, overview->level, mode);
            const int cells = static_cast<int>(numbers.cells());
            const int pixels = 8 + static_cast<int>(below(random, 40));
            const int hatch = mode == MapMode::Missed && isUnknown ? 8 : 0;
            const auto check = [&](const QImage& image, const ColourLut& colours, CellNumbers of, int hatchOf,
                                   int hatchWidth) {
                const SmallPictureOracle oracle(colours, std::move(of), mode == MapMode::Missed ? 0 : 1);
                const std::string lie = oracle.findLie(image, hatchOf, hatchWidth);
                const QImage mutant = misread(image, colours, random);
                if (mutant != image && hatchOf == 0) {
                    ++misreadings;
                    found += oracle.findLie(mutant).empty() ? 0 : 1;
                }
                return lie.empty() ? lie
                                   : fmt::format("trace {}, mode {}, {} cells in {} pixels: {}", seed,
                                                 static_cast<int>(mode), cells, image.width(), lie);
            };
            // The minimap; of kept blocks in the overview's own cells, as a pixel shows how many all have.
            const int own = mode == MapMode::Count ? cells : pixels;
            const CellMask mask = viewMask(dense->grid(), overview->level, mode, {}, {});
            const double tokens = std::exp2(overview->level) * cells / std::min(own, cells);
            const double capacity =
                std::max(1.0, tokens / dense->grid().blockQ) * std::max(1.0, tokens / dense->grid().blockK);
            const ColourLut colours = makeColourLut(view.colours, mode, capacity, view.theme());
            const std::string lie =
                check(minimapPicture(*overview, dense->grid(), mask, mode, view.colours, view.theme(), own),
                      colours, numbers, hatch, 2);
            QVERIFY2(lie.empty(), ("minimap: " + lie).c_str());
            // The thumbnail: of content where the trace has it.
            const bool isContent = showsContent(*overview, mode);
            contents += isContent ? 1 : 0;
            const ColourLut small = isContent
                ? makeColourLut(contentScale(*overview, view.colours.map), mode, 1, view.theme())
                : makeColourLut(view.colours, mode, capacity, view.theme());
            const std::string smallLie =
                check(thumbnailOf(*overview, dense->seqLen(), pixels, small, mode), small,
                      isContent ? contentNumbers(*dense, overview->level) : numbers, hatch / 2, 1);
            QVERIFY2(smallLie.empty(), ("thumbnail: " + smallLie).c_str());
            if (!isContent)
                continue;
            Overview older = *overview;
            older.content.clear();
            const std::string olderLie =
                check(thumbnailOf(older, dense->seqLen(), pixels, colours, mode), colours, numbers, 0, 1);
            QVERIFY2(olderLie.empty(), ("thumbnail without content: " + olderLie).c_str());
        }
    }
    qInfo("%d of %d small pictures with a wrong number found out, %d of content", found, misreadings,
          contents);
    QVERIFY(contents > static_cast<int>(kTraces) / 2 && found * 100 > misreadings * 95);
}

QTEST_MAIN(TestNoLieQuantities)
#include "tst_no_lie_quantities.moc"
