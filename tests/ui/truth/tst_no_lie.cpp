// SPDX-License-Identifier: GPL-3.0-or-later
// Headwater may never lie: over seeded traces and views, what is drawn and said of a pair is what the trace
// holds of it. The oracle is the dense matrix (dense_trace.h); it reads pixels.
#include "core/figure/heatmap_figure.h"
#include "core/tiles/strip_loader.h"
#include "core/tiles/tile_geometry.h"
#include "figure_oracle.h"
#include "picture_oracle.h"
#include "support/sanitized.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/view_geometry.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

constexpr std::uint32_t kTraces = isSanitized() ? 40 : 300;

/// What is looked at.
struct MadeView {
    QSize size;
    double devicePixelRatio = 1;
    MapViewport viewport;
    ColourScale colours;
    VisualMask mask;
    bool dark = true;
};

double uniform(std::mt19937& random)
{
    return static_cast<double>(random() >> 5) / static_cast<double>(1U << 27);
}

/// From the whole square to single tokens, evenly over the octaves between; any surface, colours, masks, both
/// themes.
MadeView makeView(const DenseTrace& dense, std::mt19937& random)
{
    MadeView view;
    view.size = QSize(70 + static_cast<int>(below(random, 150)), 60 + static_cast<int>(below(random, 130)));
    view.devicePixelRatio = below(random, 4) == 0 ? 1.5 : 1;
    view.dark = below(random, 2) == 0;
    static constexpr std::array kMaps{ColourScale::Map::Magma, ColourScale::Map::Magma,
                                      ColourScale::Map::Viridis, ColourScale::Map::Cividis};
    view.colours.map = kMaps[below(random, kMaps.size())];
    if (below(random, 2) == 0)
        view.colours = {view.colours.map, true, std::exp2(-24), 1};
    view.mask.sinks = below(random, 5) == 0;
    view.mask.diagonal = below(random, 5) == 0;
    const MapViewport whole = wholeMap(dense.seqLen(), view.size);
    if (below(random, 6) == 0) {
        view.viewport = whole;
        return view;
    }
    const ZoomLimits limits = zoomLimits(dense.seqLen(), view.size);
    const double finest = std::log2(1.0 / 40);
    const double scale = std::exp2(finest + uniform(random) * (std::log2(limits.whole) - finest));
    // Among the rows there are; many near the end, where rows are recorded, and near the diagonal.
    const double row =
        dense.seqLen() * (below(random, 3) == 0 ? 1 - 0.05 * uniform(random) : uniform(random));
    const double key = below(random, 3) == 0 ? row * (1 - 0.1 * uniform(random)) : row * uniform(random);
    view.viewport = centredOn({key, row}, scale, view.size, limits);
    return view;
}

/// The frame as the window makes it, with every tile there.
class MadeFrame {
public:
    MadeFrame(const DenseTrace& dense, const MadeView& view)
        : m_source(dense.trace())
        , m_cache(std::shared_ptr<const HeadSource>(&m_source, [](const HeadSource*) {}),
                  std::size_t{64} << 20)
    {
        m_frame.viewport = view.viewport;
        m_frame.size = view.size;
        m_frame.devicePixelRatio = view.devicePixelRatio;
        m_frame.grid = dense.grid();
        m_frame.level = drawnLevel(view.viewport, view.devicePixelRatio, dense.grid());
        m_frame.mask = view.mask;
        m_frame.sinks = dense.sinks();
        m_frame.colours =
            makeColourLut(view.colours, MapMode::Max, 1, view.dark ? darkTheme() : lightTheme());
    }

    /// Errors: those of the tiles.
    Result<void> load()
    {
        for (const TileKey& key :
             tilesInView(m_frame.viewport, m_frame.size, m_frame.grid.seqLen, {}, m_frame.level)) {
            const TileStrip strip{0, 0, key.level, key.row, key.col, key.col + 1};
            HEADWATER_TRY_ASSIGN(const TileRun run, loadStrip(m_source, m_cache, strip, {}, {}));
            m_frame.tiles.push_back({key, run.empty() ? nullptr : run.front()});
        }
        return {};
    }
    const MapFrame& frame() const { return m_frame; }

private:
    TraceHeadSource m_source;
    HeadCache m_cache;
    MapFrame m_frame;
};

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

QImage drawn(const MapFrame& frame)
{
    RasterMapRenderer renderer;
    renderer.prepare(frame);
    QImage image = renderer.image().copy();
    image.setDevicePixelRatio(1);
    return image;
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

class TestNoLie : public QObject {
    Q_OBJECT

private slots:
    void map_anyTraceAndView_showsOnlyWhatIsHeld();
    void figure_anyTraceAndPart_showsOnlyWhatIsHeld();

private:
    Result<DenseTrace> made(std::uint32_t seed) const
    {
        return DenseTrace::make(m_folder.filePath("made.hwt").toStdString(), seed);
    }

    QTemporaryDir m_folder;
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

QTEST_MAIN(TestNoLie)
#include "tst_no_lie.moc"
