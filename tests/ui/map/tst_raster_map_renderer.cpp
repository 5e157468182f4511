// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/half.h"
#include "core/base/log_code.h"
#include "core/reading/known_pair.h"
#include "core/tiles/tile_builder.h"
#include "core/tiles/tile_geometry.h"
#include "ui/map/cell_lookup.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/recorded_mark.h"
#include "ui/map/view_geometry.h"

#include <QTest>
#include <cmath>
#include <random>
#include <set>

using namespace headwater;

namespace {

/// A frame of random tiles, some missing, some only as ancestors.
MapFrame makeFrame(std::mt19937_64& random, MapMode mode, VisualMask mask)
{
    static const std::vector<std::uint32_t> kSinks{0, 777, 12345};
    MapFrame frame;
    frame.grid = {200 + static_cast<std::uint32_t>(random() % 60000), 4U << random() % 4, 4U << random() % 4};
    frame.size = QSize(40 + static_cast<int>(random() % 120), 30 + static_cast<int>(random() % 90));
    frame.devicePixelRatio = std::array{1.0, 1.25, 2.0}[random() % 3];
    frame.mode = mode;
    frame.mask = mask;
    frame.sinks = kSinks;
    frame.colours = makeColourLut({}, mode, 64, random() % 2 ? darkTheme() : lightTheme());
    const double most = std::log2(zoomLimits(frame.grid.seqLen, frame.size).coarsest);
    frame.viewport.tokensPerPixel = std::exp2(-6 + (most + 6) * static_cast<double>(random() % 1000) / 1000);
    frame.viewport.stretch = std::exp2(static_cast<double>(random() % 40) / 10 - 2);
    frame.viewport.key = static_cast<double>(random() % frame.grid.seqLen) * 0.8;
    frame.viewport.query = frame.viewport.key + static_cast<double>(random() % frame.grid.seqLen) * 0.3;
    frame.viewport = kept(frame.viewport, frame.grid.seqLen, frame.size);
    frame.level = drawnLevel(frame.viewport, frame.devicePixelRatio, frame.grid);
    for (const TileKey& key :
         tilesInView(frame.viewport, frame.size, frame.grid.seqLen, {0, 0}, frame.level)) {
        const unsigned kind = static_cast<unsigned>(random() % 5);
        if (kind == 0) {
            frame.tiles.push_back({key, nullptr});
            continue;
        }
        auto tile = std::make_shared<Tile>();
        tile->key = key;
        if (kind == 1) {
            tile->key.level += 3;
            tile->key.row >>= 3;
            tile->key.col >>= 3;
        }
        for (std::uint8_t& code : tile->max)
            code = random() % 4 ? 0 : static_cast<std::uint8_t>(random());
        for (std::uint8_t& code : tile->count)
            code = random() % 2 ? 0 : static_cast<std::uint8_t>(random() % 90);
        for (std::uint32_t row = 0; row < kTileSide; ++row) // the same in all tiles of a row
            tile->recorded[row] = (key.row * kTileSide + row) * 2654435761U >> 16 & 1;
        for (std::uint8_t& code : tile->missed)
            code = random() % 7 ? static_cast<std::uint8_t>(random() % 255) : kUnknownCode;
        frame.tiles.push_back({key, tile});
    }
    if (frame.mode == MapMode::Max && frame.level < blockLevel(frame.grid)) {
        for (unsigned area = 1 + static_cast<unsigned>(random() % 3); area > 0; --area) {
            const auto range = [&](double origin, double tokens) {
                const double begin = origin + tokens * (static_cast<double>(random() % 120) / 100 - 0.2);
                const double end = begin + tokens * static_cast<double>(1 + random() % 80) / 100;
                const auto token = [&](double at) {
                    return static_cast<std::uint32_t>(std::clamp<double>(at, 0, frame.grid.seqLen));
                };
                return TokenRange{token(begin), token(end)};
            };
            frame.exact.push_back(
                {range(frame.viewport.query, frame.size.height() * frame.viewport.queryTokensPerPixel()),
                 range(frame.viewport.key, frame.size.width() * frame.viewport.tokensPerPixel)});
        }
    }
    return frame;
}

/// The rules of MapRenderer, one pixel at a time, as they are written there.
class BruteForce {
public:
    explicit BruteForce(const MapFrame& frame)
        : m_frame(frame)
    {
    }

    QRgb pixel(int x, int y) const
    {
        const double step = m_frame.viewport.tokensPerPixel / m_frame.devicePixelRatio;
        const Span keys = span(m_frame.viewport.key, step, x);
        const double queryStep = m_frame.viewport.queryTokensPerPixel() / m_frame.devicePixelRatio;
        const Span queries = span(m_frame.viewport.query, queryStep, y);
        if (!keys.inside || !queries.inside || std::floor(keys.from) > std::ceil(queries.to) - 1)
            return m_frame.colours.background;
        // Nobody makes a tile of the future: beside the diagonal the one on it counts.
        if (!tileOf(queries.centre, std::min(keys.centre, queries.centre)))
            return m_frame.colours.loading;
        const bool isFine = m_frame.mode == MapMode::Max && isBelowBlocks();
        int code = 0;
        bool somewhere = false;
        bool hidden = m_frame.mode != MapMode::Missed && (m_frame.mask.sinks || m_frame.mask.diagonal);
        for (std::uint32_t row = queries.first; row <= queries.last; ++row) {
            for (std::uint32_t col = keys.first; col <= keys.last; ++col) {
                const bool cellHidden = m_frame.mode != MapMode::Missed && isHidden(row, col);
                hidden = hidden && cellHidden;
                if (cellHidden)
                    continue;
                const Tile* tile = tileOf(row, col);
                const bool isAncestor = tile && tile->key.level > m_frame.level;
                if (!isFine || !isAncestor)
                    code = std::max(code, codeOf(row, col));
                if (isFine && tile && col <= row)
                    somewhere = somewhere || isSomewhere(*tile, row, col);
            }
        }
        QRgb colour = m_frame.colours.ofCode[static_cast<std::size_t>(code)];
        const bool onGround = code == 0 && !hidden;
        if (hidden)
            colour = m_frame.colours.masked;
        else if (m_frame.mode == MapMode::Missed && code == kUnknownCode)
            colour = (x + y) % 8 < 2 ? m_frame.colours.hatch : m_frame.colours.masked;
        else if (code == 0 && somewhere && (x - y) % 6 == 0)
            colour = m_frame.colours.somewhere;
        // Where blocks are too small on one axis, neither has borders; rows alone have none.
        const double across = std::max(cell(), 1.0 * m_frame.grid.blockK);
        const double down = std::max(cell(), 1.0 * m_frame.grid.blockQ);
        const auto isLarge = [&](double keySide, double querySide) {
            return keySide / step >= kBorderFromPixels && querySide / queryStep >= kBorderFromPixels;
        };
        const bool blockEdge = isLarge(across, down)
            && (border(keys.from, step, across) || border(queries.from, queryStep, down));
        const bool cellEdge = (isRecorded(queries.centre) || isGiven(queries.centre, keys.centre))
            && isLarge(cell(), cell())
            && (border(keys.from, step, cell()) || border(queries.from, queryStep, cell()));
        if (m_frame.mode != MapMode::Missed && (blockEdge || cellEdge)) {
            const QRgb edge = m_frame.colours.border;
            colour = onGround ? m_frame.colours.outline
                              : qRgb((qRed(colour) + qRed(edge)) / 2, (qGreen(colour) + qGreen(edge)) / 2,
                                     (qBlue(colour) + qBlue(edge)) / 2);
        }
        return colour;
    }

private:
    struct Span {
        double from = 0;
        double to = 0;
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        std::uint32_t centre = 0;
        bool inside = false;
    };

    double cell() const { return std::exp2(m_frame.level); }

    Span span(double origin, double step, int pixel) const
    {
        Span span;
        const double end = m_frame.grid.seqLen;
        span.from = origin + (pixel + 1e-6) * step;
        span.to = origin + (pixel + 1 - 1e-6) * step;
        span.inside = span.to > 0 && span.from < end;
        if (!span.inside)
            return span;
        span.first = static_cast<std::uint32_t>(std::floor(std::max(0.0, span.from) / cell()));
        span.last = span.first;
        while ((span.last + 1) * cell() < std::min(span.to, end))
            ++span.last;
        span.centre = static_cast<std::uint32_t>(
            std::floor(std::clamp((span.from + span.to) / 2, 0.0, end - 1) / cell()));
        return span;
    }

    static bool border(double from, double step, double side)
    {
        return std::floor(from / side) != std::floor((from - step) / side);
    }

    bool isBelowBlocks() const { return cell() < m_frame.grid.blockQ || cell() < m_frame.grid.blockK; }

    /// A kept block is in the cell, but no number of a pair of it.
    bool isSomewhere(const Tile& tile, std::uint32_t row, std::uint32_t col) const
    {
        const std::uint32_t scale = 1U << (tile.key.level - m_frame.level);
        const std::size_t r = row / scale - tile.key.row * kTileSide;
        const std::size_t c = col / scale - tile.key.col * kTileSide;
        const std::size_t at = r * kTileSide + c;
        return tile.count[at] > 0 && (scale > 1 || (tile.max[at] == 0 && !tile.recorded[r]));
    }

    bool isRecorded(std::uint32_t row) const
    {
        for (const TilePlacement& placement : m_frame.tiles) {
            if (isBelowBlocks() && placement.key.row == row / kTileSide && placement.tile
                && placement.tile->key.level == m_frame.level)
                return placement.tile->recorded[row % kTileSide] != 0;
        }
        return false;
    }

    /// An exact area holds every pair of the cell.
    bool isGiven(std::uint32_t row, std::uint32_t col) const
    {
        const auto holds = [&](TokenRange tokens, std::uint32_t index) {
            const double end = std::min<double>((index + 1) * cell(), m_frame.grid.seqLen);
            return tokens.begin <= index * cell() && tokens.end >= end;
        };
        return std::ranges::any_of(m_frame.exact, [&](const ExactArea& area) {
            return holds(area.rows, row) && holds(area.keys, col);
        });
    }

    const Tile* tileOf(std::uint32_t row, std::uint32_t col) const
    {
        for (const TilePlacement& placement : m_frame.tiles) {
            if (placement.key.row == row / kTileSide && placement.key.col == col / kTileSide)
                return placement.tile.get();
        }
        return nullptr;
    }

    int codeOf(std::uint32_t row, std::uint32_t col) const
    {
        const Tile* tile = tileOf(row, col);
        if (!tile || col > row)
            return 0;
        const std::uint32_t scale = 1U << (tile->key.level - m_frame.level);
        const std::size_t r = row / scale - tile->key.row * kTileSide;
        const std::size_t c = col / scale - tile->key.col * kTileSide;
        if (m_frame.mode == MapMode::Missed)
            return tile->missed[r];
        return (m_frame.mode == MapMode::Max ? tile->max : tile->count)[r * kTileSide + c];
    }

    bool isHidden(std::uint32_t row, std::uint32_t col) const
    {
        const BlockGrid& grid = m_frame.grid;
        const auto side = static_cast<std::uint64_t>(cell());
        const std::uint64_t begin = col * side;
        const std::uint64_t end = begin + side;
        if (m_frame.mask.sinks) {
            for (const std::uint32_t sink : m_frame.sinks) {
                const std::uint64_t block = sink / grid.blockK * grid.blockK;
                if (begin < block + grid.blockK && end > block)
                    return true;
            }
        }
        if (!m_frame.mask.diagonal)
            return false;
        // The block of the diagonal's first key and the one before it, of the cell's first query block.
        const std::uint64_t firstRow = row * side / grid.blockQ * grid.blockQ;
        const std::uint64_t diagonal = firstRow / grid.blockK;
        const std::uint64_t from = (diagonal > 0 ? diagonal - 1 : 0) * grid.blockK;
        return end > from;
    }

    const MapFrame& m_frame;
};

} // namespace

class TestRasterMapRenderer : public QObject {
    Q_OBJECT
private slots:
    void render_randomFrames_equalBruteForce_data();
    void render_randomFrames_equalBruteForce();
    void render_closeUp_onlyThePairWearsItsColour();
    void render_needle_isSeenAtEveryScale();
    void cellAt_everyPixel_hasThePixelsCode();
    void render_noTrace_isBackground();
};

void TestRasterMapRenderer::render_randomFrames_equalBruteForce_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<bool>("sinks");
    QTest::addColumn<bool>("diagonal");
    QTest::newRow("max") << 0 << false << false;
    QTest::newRow("max, sinks masked") << 0 << true << false;
    QTest::newRow("max, diagonal masked") << 0 << false << true;
    QTest::newRow("count, both masked") << 1 << true << true;
    QTest::newRow("missed") << 2 << false << false;
}

void TestRasterMapRenderer::render_randomFrames_equalBruteForce()
{
    QFETCH(int, mode);
    QFETCH(bool, sinks);
    QFETCH(bool, diagonal);
    std::mt19937_64 random(static_cast<std::uint64_t>(mode) * 10 + sinks * 2 + diagonal + 1);
    RasterMapRenderer renderer;
    int outlined = 0; // frames in which exact areas have cells of their own
    for (int round = 0; round < 60; ++round) {
        MapFrame frame = makeFrame(random, static_cast<MapMode>(mode), {sinks, diagonal});
        renderer.prepare(frame);
        const QImage image = renderer.image().copy();
        const BruteForce truth(frame);
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QRgb expected = truth.pixel(x, y);
                if (image.pixel(x, y) != expected) {
                    QFAIL(qPrintable(QStringLiteral("round %1 pixel %2, %3 level %4: %5 instead of %6")
                                         .arg(round)
                                         .arg(x)
                                         .arg(y)
                                         .arg(frame.level)
                                         .arg(image.pixel(x, y), 8, 16)
                                         .arg(expected, 8, 16)));
                }
            }
        }
        frame.exact.clear();
        renderer.prepare(frame);
        outlined += image != renderer.image() ? 1 : 0;
    }
    QVERIFY(static_cast<MapMode>(mode) == MapMode::Max ? outlined > 0 : outlined == 0);
}

/// A block zoomed to tokens: the peak's pair has the peak's colour, the rest the quiet hatch, a recorded row
/// its own numbers on ground; a block that is not kept is ground alone.
void TestRasterMapRenderer::render_closeUp_onlyThePairWearsItsColour()
{
    const HeadShape shape{{64, 16, 16}, HeadKind::Global, 0};
    HeadEdges edges;
    edges.grid = shape.grid;
    edges.rowPtr = {0, 0, 0, 1, 1};
    edges.keyBlock = {1};
    edges.peak = {halfFromFloat(0.976F)};
    edges.mass = {halfFromFloat(0.1F)};
    edges.peakAt = {5 << 8 | 3}; // row 37, key 19
    const std::vector<TokenRow> recorded{{0, 0, 40, {40, 17, 2}, {0.5F, 0.25F, 0.125F}}};
    MapFrame frame;
    frame.grid = shape.grid;
    frame.size = QSize(64 * 20, 64 * 20);
    frame.viewport = {0, 0, 1.0 / 20};
    frame.level = drawnLevel(frame.viewport, 1, frame.grid);
    QCOMPARE(frame.level, 0U);
    frame.colours = makeColourLut({}, MapMode::Max, 1, darkTheme());
    frame.tiles = {{{}, buildStrip({edges, {}, 0, recorded}, {0, 0, 0, 0, 0, 1})[0]}};
    RasterMapRenderer renderer;
    renderer.prepare(frame);
    const auto coloursOf = [&](std::uint32_t row, std::uint32_t key) { // inside the borders
        std::set<QRgb> colours;
        for (int y = 1; y < 20; ++y) {
            for (int x = 1; x < 20; ++x)
                colours.insert(
                    renderer.image().pixel(static_cast<int>(key) * 20 + x, static_cast<int>(row) * 20 + y));
        }
        return colours;
    };
    const std::set<QRgb> ground{frame.colours.background};
    const std::set<QRgb> hatch{frame.colours.background, frame.colours.somewhere};
    const auto colour = [&](float p) { return std::set<QRgb>{frame.colours.ofCode[probabilityCode(p)]}; };
    for (std::uint32_t row = 0; row < 64; ++row) {
        for (std::uint32_t key = 0; key < 64; ++key) {
            const KnownPair pair =
                knownPair({shape, edges, 0.01F, row == 40 ? &recorded[0] : nullptr}, row, key);
            const bool isRowsOwn = row == 40 && (key == 40 || key == 17 || key == 2);
            const bool isInBlock = row / 16 == 2 && key / 16 == 1;
            if (row == 37 && key == 19)
                QCOMPARE(coloursOf(row, key), colour(floatFromHalf(halfFromFloat(0.976F))));
            else if (isRowsOwn)
                QCOMPARE(coloursOf(row, key), colour(key == 40 ? 0.5F : key == 17 ? 0.25F : 0.125F));
            else if (isInBlock && row != 40)
                QCOMPARE(coloursOf(row, key), hatch);
            else
                QCOMPARE(coloursOf(row, key), ground);
            QCOMPARE(pair.hasValue(), (row == 37 && key == 19) || isRowsOwn);
        }
    }
    // The recorded row has an edge a token, the others an edge a block.
    QCOMPARE(renderer.image().pixel(5 * 20, 40 * 20 + 10), frame.colours.outline);
    QCOMPARE(renderer.image().pixel(5 * 20, 41 * 20 + 10), frame.colours.background);
    QCOMPARE(renderer.image().pixel(16 * 20, 41 * 20 + 10), frame.colours.outline);

    QCOMPARE(recordedRowsOf(frame), (std::vector<TokenRange>{{40, 41}}));

    // Before the tile is there its ancestor knows that a block is there, not where its number belongs.
    auto ancestor = std::make_shared<Tile>(*buildStrip({edges}, {0, 0, 4, 0, 0, 1})[0]);
    QVERIFY(ancestor->max[2 * kTileSide + 1] > 0);
    frame.tiles[0].tile = ancestor;
    renderer.prepare(frame);
    QCOMPARE(coloursOf(37, 19), hatch);
    QCOMPARE(coloursOf(33, 30), hatch);
    QCOMPARE(coloursOf(33, 32), ground);
}

void TestRasterMapRenderer::render_needle_isSeenAtEveryScale()
{
    constexpr std::uint32_t seqLen = 1U << 16;
    constexpr std::uint32_t query = 54321;
    constexpr std::uint32_t key = 12345;
    const std::uint8_t code = probabilityCode(0.4F);
    RasterMapRenderer renderer;
    for (double scale = 120; scale > 0.02; scale /= 1.17) {
        MapFrame frame;
        frame.grid = {seqLen, 16, 16};
        frame.size = QSize(600, 500);
        frame.viewport.tokensPerPixel = scale;
        frame.viewport.key = key - 211.37 * scale;
        frame.viewport.query = query - 307.61 * scale;
        frame.level = drawnLevel(frame.viewport, 1, frame.grid);
        frame.colours = makeColourLut({}, MapMode::Max, 1, darkTheme());
        for (const TileKey& place : tilesInView(frame.viewport, frame.size, seqLen, {0, 0}, frame.level)) {
            auto tile = std::make_shared<Tile>();
            tile->key = place;
            const std::uint32_t row = query >> frame.level;
            const std::uint32_t col = key >> frame.level;
            if (row / kTileSide == place.row && col / kTileSide == place.col)
                tile->max[row % kTileSide * kTileSide + col % kTileSide] = code;
            frame.tiles.push_back({place, tile});
        }
        const QPointF at = pixelAt(frame.viewport, key + 0.5, query + 0.5);
        renderer.prepare(frame);
        const QRgb seen = renderer.image().pixel(static_cast<int>(at.x()), static_cast<int>(at.y()));
        const QRgb wanted = frame.colours.ofCode[code];
        const QRgb edge = frame.colours.border;
        const QRgb onBorder = qRgb((qRed(wanted) + qRed(edge)) / 2, (qGreen(wanted) + qGreen(edge)) / 2,
                                   (qBlue(wanted) + qBlue(edge)) / 2);
        QVERIFY2(seen == wanted || seen == onBorder, qPrintable(QString::number(scale)));
    }
}

void TestRasterMapRenderer::cellAt_everyPixel_hasThePixelsCode()
{
    std::mt19937_64 random(5);
    RasterMapRenderer renderer;
    int hatched = 0;
    for (int round = 0; round < 40; ++round) {
        MapFrame frame = makeFrame(random, MapMode::Max, {round % 2 == 1, round / 2 % 2 == 1});
        frame.devicePixelRatio = 1;
        frame.level = drawnLevel(frame.viewport, 1, frame.grid);
        frame.colours.border = 0;
        frame.colours.outline = 0;
        std::erase_if(frame.tiles, [&frame](const TilePlacement& placement) {
            return placement.key.level != frame.level;
        });
        for (std::size_t i = 0; i < 256; ++i)
            frame.colours.ofCode[i] = qRgb(static_cast<int>(i), 1, 1);
        renderer.prepare(frame);
        const QImage& image = renderer.image();
        for (int probe = 0; probe < 300; ++probe) {
            const int x = static_cast<int>(random() % static_cast<unsigned>(image.width()));
            const int y = static_cast<int>(random() % static_cast<unsigned>(image.height()));
            const QRgb colour = image.pixel(x, y);
            const auto cell = cellAt(frame, QPointF(x + 0.5, y + 0.5));
            if (colour == frame.colours.background) {
                QVERIFY(!cell);
                continue;
            }
            QVERIFY(cell);
            const bool isHatch = colour == frame.colours.somewhere;
            if (colour == frame.colours.loading || (qGreen(colour) != 1 && !isHatch))
                continue;
            int code = 0;
            bool isSomewhere = false;
            for (const TilePlacement& placement : frame.tiles) {
                const std::uint32_t row = cell->queries.begin >> frame.level;
                const std::uint32_t col = cell->keys.begin >> frame.level;
                if (placement.tile && placement.key.row == row / kTileSide
                    && placement.key.col == col / kTileSide) {
                    const Tile& tile = *placement.tile;
                    const std::uint32_t shift = tile.key.level - frame.level;
                    const std::size_t r = (row >> shift) % kTileSide;
                    const std::size_t c = (col >> shift) % kTileSide;
                    const bool isOneOfMany = shift > 0 && frame.level < blockLevel(frame.grid);
                    code = isOneOfMany ? 0 : tile.max[r * kTileSide + c];
                    isSomewhere = isOneOfMany ? tile.count[r * kTileSide + c] > 0 : tile.isSomewhere(r, c);
                }
            }
            if (isHatch) {
                QVERIFY(isSomewhere);
                QCOMPARE(code, 0);
                ++hatched;
                continue;
            }
            // What the mask hides is never picked before what is drawn.
            QCOMPARE(code, qRed(colour));
        }
    }
    QVERIFY(hatched > 50);
}

void TestRasterMapRenderer::render_noTrace_isBackground()
{
    RasterMapRenderer renderer;
    MapFrame frame;
    frame.size = QSize(20, 10);
    frame.colours = makeColourLut({}, MapMode::Max, 1, lightTheme());
    renderer.prepare(frame);
    const QImage& image = renderer.image();
    QCOMPARE(image.size(), QSize(20, 10));
    QCOMPARE(image.pixel(3, 3), lightTheme().ground.rgb());
}

QTEST_APPLESS_MAIN(TestRasterMapRenderer)
#include "tst_raster_map_renderer.moc"
