// SPDX-License-Identifier: GPL-3.0-or-later
// Headwater may never lie: over seeded traces and views, what is drawn and said of a pair is what the trace
// holds of it. The oracle is the dense matrix (dense_trace.h); it reads pixels.
#include "copy_oracle.h"
#include "core/figure/heatmap_figure.h"
#include "figure_oracle.h"
#include "made_traces.h"
#include "made_view.h"
#include "picture_oracle.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/map/map_tiles.h"
#include "ui/map/state_legend.h"
#include "words_oracle.h"

#include <QLabel>
#include <QTest>
#include <map>

using namespace headwater;
using namespace headwater::test;

namespace {

/// Any part of the map at any level.
HeatmapFigureOptions makeFigure(const DenseTrace& dense, std::mt19937& random)
{
    const auto part = [&] {
        const std::uint32_t begin = below(random, dense.seqLen());
        return below(random, 3) == 0 ? TokenRange{0, dense.seqLen()}
                                     : TokenRange{begin, begin + 1 + below(random, dense.seqLen() - begin)};
    };
    HeatmapFigureOptions options;
    options.queries = part();
    options.keys = part();
    options.level = below(random, 2) == 0 ? 0 : below(random, blockLevel(dense.grid()) + 2);
    options.isReversed = below(random, 3) != 0;
    if (below(random, 2) == 0)
        options.limits.low = std::exp2(-24);
    options.maskSinks = below(random, 5) == 0;
    options.maskDiagonal = below(random, 5) == 0;
    return options;
}

/// Renderers that lie, as the map once did: of pixels that no number is held of they give what is not kept
/// the colour of the least, or a block's pairs that of its largest.
enum class Liar { NotKeptIsLittle, BlockIsItsPeak };

QImage drawnBy(Liar liar, const DenseTrace& dense, const MapFrame& frame, const PictureOracle& oracle,
               const QImage& honest)
{
    QImage image = honest;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const auto pair = oracle.pairAt(x, y);
            if (!pair || oracle.holdsNumber(x, y)
                || (liar == Liar::BlockIsItsPeak) != dense.isKept(pair->first, pair->second))
                continue;
            const int code =
                liar == Liar::NotKeptIsLittle ? 1 : codeOf(dense.peakOfBlock(pair->first, pair->second));
            const QRgb colour = frame.colours.ofCode[static_cast<std::size_t>(code)];
            if (!oracle.isQuiet(colour)) // the low end of a light scale
                image.setPixel(x, y, colour);
        }
    }
    return image;
}

} // namespace

class TestNoLie : public MadeTraces {
    Q_OBJECT

private slots:
    void map_anyTraceAndView_showsOnlyWhatIsHeld();
    void figure_anyTraceAndPart_showsOnlyWhatIsHeld();
    void words_anyPlace_sayOnlyWhatIsHeld();
    void legend_anyView_boundsWhatItSpeaksOf();
    void copies_anyLock_holdOnlyWhatIsHeld();
};

void TestNoLie::map_anyTraceAndView_showsOnlyWhatIsHeld()
{
    int littles = 0;
    int slabs = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7919);
        for (int i = 0; i < 3; ++i) {
            MadeFrame framed(*dense, makeView(*dense, random));
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            const PictureOracle oracle(*dense, frame);
            const QImage image = drawn(frame);
            const std::string lie = oracle.findLie(image);
            QVERIFY2(lie.empty(), fmt::format("trace {}, view {}: {}", seed, i, lie).c_str());
            for (const Liar liar : {Liar::NotKeptIsLittle, Liar::BlockIsItsPeak}) {
                const QImage mutant = drawnBy(liar, *dense, frame, oracle, image);
                if (mutant == image)
                    continue;
                QVERIFY2(!oracle.findLie(mutant).empty(), fmt::format("trace {}, view {}", seed, i).c_str());
                ++(liar == Liar::NotKeptIsLittle ? littles : slabs);
            }
        }
    }
    qInfo("%d views with what is not kept as little, %d with blocks as slabs: all found out", littles, slabs);
    QVERIFY(littles > static_cast<int>(kTraces) / 2 && slabs > static_cast<int>(kTraces) / 2);
}

void TestNoLie::figure_anyTraceAndPart_showsOnlyWhatIsHeld()
{
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    for (std::uint32_t seed = 1; seed <= kTraces; seed += 3) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 104729);
        const HeatmapFigureOptions options = makeFigure(*dense, random);
        const auto spec = heatmapFigure(dense->trace(), options, *fonts);
        QVERIFY2(spec, spec ? "" : spec.error().text().c_str());
        const std::string lie = FigureOracle(*dense, options).findLie(*spec);
        QVERIFY2(lie.empty(), fmt::format("trace {}: {}", seed, lie).c_str());
    }
}

/// The tooltip of a place under the hand.
void TestNoLie::words_anyPlace_sayOnlyWhatIsHeld()
{
    std::map<QString, int> said; // how often each kind of answer came
    for (std::uint32_t seed = 1; seed <= kTraces; ++seed) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 7907);
        const auto heads = std::make_shared<HeadCache>(std::make_shared<TraceHeadSource>(dense->trace()),
                                                       std::size_t{64} << 20);
        const TileSource source(heads, TileSource::Options(), [](std::uint64_t) {});
        const WordsOracle oracle(*dense);
        for (int view = 0; view < 4; ++view) {
            MadeFrame framed(*dense, makeView(*dense, random));
            const auto loaded = framed.load();
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            const MapFrame& frame = framed.frame();
            for (int i = 0; i < 15; ++i) {
                const QPointF point(uniform(random) * frame.size.width(),
                                    uniform(random) * frame.size.height());
                const auto cell = cellAt(frame, point);
                if (!cell)
                    continue;
                const QPointF token = tokenAt(frame.viewport, point);
                TokenPair pointed;
                if (const MapCell& in = *cell; token.x() >= in.keys.begin && token.x() < in.keys.end
                    && token.y() >= in.queries.begin && token.y() < in.queries.end
                    && std::floor(token.x()) <= std::floor(token.y()))
                    pointed = {static_cast<std::uint32_t>(token.y()), static_cast<std::uint32_t>(token.x())};
                const CellAnswer answer = lookUpCell(source, *dense->trace(), {}, *cell);
                QVERIFY2(answer.known, answer.failure ? answer.failure->text().c_str() : "unknown");
                const TooltipContent content = tooltipOf(answer, *dense->trace(), MapMode::Max, pointed);
                const std::string lie = oracle.findLie(content, *cell, pointed);
                QVERIFY2(lie.empty(), fmt::format("trace {}: {}", seed, lie).c_str());
                ++said[content.value.contains(QRegularExpression("^[0-9]")) ? "a number"
                                                                            : content.value.left(20)];
            }
        }
    }
    for (const char* kind :
         {"a number", "not kept", "only its block is kn", "not in its row's 32", "not in its row's 3"})
        QVERIFY2(said[kind] > static_cast<int>(kTraces) / 4, kind);
}

void TestNoLie::legend_anyView_boundsWhatItSpeaksOf()
{
    int bounds = 0;
    for (std::uint32_t seed = 1; seed <= kTraces; seed += 10) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 6151);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        StateLegend legend(&subject, &look, &tiles);
        subject.setTrace(dense->trace());
        for (int i = 0; i < 3; ++i) {
            const MadeView view = makeView(*dense, random);
            tiles.setSurface(view.size, view.devicePixelRatio);
            look.setViewport(view.viewport);
            // Until a bound is read there is none.
            auto* const notKept = legend.findChild<QLabel*>("colourNotKept");
            auto* const unnamed = legend.findChild<QLabel*>("colourBelowRecorded");
            QTRY_VERIFY(!notKept->text().endsWith(QChar(0x2026)) && !unnamed->text().endsWith(QChar(0x2026)));
            const auto rowOf = [&](double token) {
                return static_cast<std::uint32_t>(std::clamp<double>(std::floor(token), 0, dense->seqLen()));
            };
            const std::uint32_t first = rowOf(view.viewport.query);
            const std::uint32_t end = rowOf(
                view.viewport.query + view.size.height() * view.viewport.queryTokensPerPixel() + 1 - 1e-9);
            for (const QLabel* label : {notKept, unnamed}) {
                const std::string broken = WordsOracle(*dense).findBroken(label->text(), first, end);
                QVERIFY2(broken.empty(), fmt::format("trace {}, view {}: {}", seed, i, broken).c_str());
                bounds += WordsOracle::boundIn(label->text()) ? 1 : 0;
            }
        }
    }
    QVERIFY(bounds > static_cast<int>(kTraces) / 10);
}

/// What Ctrl+C takes from the inspector's lists.
void TestNoLie::copies_anyLock_holdOnlyWhatIsHeld()
{
    int words = 0;
    for (std::uint32_t seed = 2; seed <= kTraces; seed += 10) {
        const auto dense = made(seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        std::mt19937 random(seed * 3571);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        InspectorPanel panel(&subject, &reader);
        panel.resize(336, 1000);
        panel.show();
        subject.setTrace(dense->trace());
        const CopyOracle oracle(*dense);
        for (int i = 0; i < 4; ++i) {
            const std::uint32_t last = dense->seqLen() - 1;
            const std::uint32_t row = i % 2 == 0 ? last - below(random, 10) : below(random, dense->seqLen());
            const TokenPair pair{row, below(random, row + 1)};
            subject.setLocked(pair);
            QCoreApplication::processEvents();
            // Nothing is copied of what answers an older question.
            QTRY_VERIFY(!panel.reads()->copyText().isEmpty() && !panel.heads()->copyText().isEmpty());
            for (const auto& [table, isOfHeads] :
                 {std::pair(panel.reads(), false), std::pair(panel.heads(), true)}) {
                const std::string lie = oracle.findLie(table->copyText(), pair, isOfHeads);
                QVERIFY2(lie.empty(), fmt::format("trace {}: {}", seed, lie).c_str());
                words += isOfHeads && table->copyText().contains("not ") ? 1 : 0;
            }
        }
    }
    QVERIFY(words > static_cast<int>(kTraces) / 20);
}

QTEST_MAIN(TestNoLie)
#include "tst_no_lie.moc"
