// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/half.h"
#include "core/base/log_code.h"
#include "core/record/head_sums.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/synthetic_trace.h"
#include "core/trace/trace_writer.h"
#include "support/sanitized.h"
#include "ui/map/map_tiles.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/view_geometry.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

using namespace headwater;

namespace {

constexpr std::uint32_t kTokens = 1U << 20;
constexpr std::size_t kNeedles = test::isSanitized() ? 100 : 1000;
constexpr double kBorderRounding = 1e-6;
const QSize kSurface(240, 180);

/// Block shapes of the trace's heads; the last one's needles lie in hay.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 5> kShapes{
    {{4, 4}, {64, 32}, {256, 256}, {16, 256}, {64, 32}}};
constexpr std::size_t kHay = 4;

struct Needle {
    std::uint32_t query = 0;
    std::uint32_t key = 0;
    float peak = 0;
};

/// Causal pairs in different blocks, peaks from 2^-22.9 to 1, evenly over the log codes.
std::vector<Needle> plantedNeedles(const BlockGrid& grid, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<Needle> needles;
    std::set<std::pair<std::uint32_t, std::uint32_t>> blocks;
    while (needles.size() < kNeedles) {
        const auto query = static_cast<std::uint32_t>(random() % grid.seqLen);
        const auto key = static_cast<std::uint32_t>(random() % (std::uint64_t{query} + 1));
        const float peak = std::exp2(-static_cast<float>(random() % 22900) / 1000);
        if (blocks.emplace(query / grid.blockQ, key / grid.blockK).second)
            needles.push_back({query, key, peak});
    }
    return needles;
}

struct Edge {
    float mass = 0;
    float peak = 0;
    std::uint16_t peakAt = 0;
};

/// The record with a needle in the block of each pair: added, or in place of what the block held.
HeadRecord withNeedles(const HeadRecord& hay, const std::vector<Needle>& needles)
{
    const BlockGrid& grid = hay.grid;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Edge> edges;
    for (std::uint32_t block = 0; block + 1 < hay.rowPtr.size(); ++block) {
        for (std::uint32_t edge = hay.rowPtr[block]; edge < hay.rowPtr[block + 1]; ++edge)
            edges[{block, hay.keyBlock[edge]}] = {hay.mass[edge], hay.peak[edge], hay.peakAt[edge]};
    }
    for (const Needle& needle : needles) {
        edges[{needle.query / grid.blockQ, needle.key / grid.blockK}] = {
            needle.peak / static_cast<float>(grid.blockQ), needle.peak,
            static_cast<std::uint16_t>((needle.query % grid.blockQ) << 8 | needle.key % grid.blockK)};
    }
    HeadRecord record = hay;
    record.rowPtr.assign(std::size_t{grid.numQueryBlocks()} + 1, 0);
    record.keyBlock.clear();
    record.mass.clear();
    record.peak.clear();
    record.peakAt.clear();
    for (const auto& [block, edge] : edges) {
        ++record.rowPtr[block.first + 1];
        record.keyBlock.push_back(block.second);
        record.mass.push_back(edge.mass);
        record.peak.push_back(edge.peak);
        record.peakAt.push_back(edge.peakAt);
    }
    for (std::size_t i = 1; i < record.rowPtr.size(); ++i)
        record.rowPtr[i] += record.rowPtr[i - 1];
    return record;
}

/// A head that keeps nothing: needles planted into it are its only edges.
HeadRecord emptyHead(const BlockGrid& grid, int head)
{
    HeadRecord record;
    record.head = head;
    record.grid = grid;
    record.numRows = grid.seqLen;
    record.rowPtr.assign(std::size_t{grid.numQueryBlocks()} + 1, 0);
    record.lse.assign(grid.seqLen, 1);
    record.missed.assign(grid.seqLen, 0);
    record.missedPeak.assign(grid.seqLen, 0);
    record.tokenZero.assign(grid.numQueryBlocks(), 0);
    record.extras.resize((grid.seqLen + kTileRows - 1) / kTileRows);
    return record;
}

/// The log code of a peak as it is stored, in binary16: the same from a chunk and from an overview.
std::uint8_t codeOfPeak(float peak)
{
    return probabilityCode(floatFromHalf(halfFromFloat(peak)));
}

/// Every cell of a level that has a number, from the definition in docs/tiles.md: an edge gives its number to
/// the cell of its peak, at every level.
class CellMap {
public:
    CellMap(const HeadRecord& record, std::uint32_t level)
    {
        const BlockGrid& grid = record.grid;
        for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
            for (std::uint32_t edge = record.rowPtr[block]; edge < record.rowPtr[block + 1]; ++edge) {
                const std::uint32_t query = block * grid.blockQ + (record.peakAt[edge] >> 8);
                const std::uint32_t key = record.keyBlock[edge] * grid.blockK + (record.peakAt[edge] & 0xFF);
                std::uint8_t& cell = m_cells[place(query >> level, key >> level)];
                cell = std::max(cell, codeOfPeak(record.peak[edge]));
            }
        }
    }

    std::uint8_t at(std::uint32_t row, std::uint32_t col) const
    {
        const auto cell = m_cells.find(place(row, col));
        return cell == m_cells.end() ? std::uint8_t{0} : cell->second;
    }

private:
    static std::uint64_t place(std::uint32_t row, std::uint32_t col)
    {
        return std::uint64_t{row} << 32 | col;
    }
    std::unordered_map<std::uint64_t, std::uint8_t> m_cells;
};

/// Cells [first, last] that device pixel `pixel` of an axis touches (MapRenderer's rules).
std::pair<std::uint32_t, std::uint32_t> cellsOfPixel(double origin, double step, int pixel,
                                                     std::uint32_t level)
{
    const double cell = std::exp2(level);
    const double from = std::max(0.0, origin + (pixel + kBorderRounding) * step);
    const double to = std::min<double>(kTokens, origin + (pixel + 1 - kBorderRounding) * step);
    const auto first = static_cast<std::uint32_t>(from / cell);
    return {first, std::max(first, static_cast<std::uint32_t>(std::ceil(to / cell)) - 1)};
}

std::uint8_t codeOfPixel(const CellMap& cells, const MapFrame& frame, const QPoint& pixel)
{
    const MapViewport& view = frame.viewport;
    const auto cols = cellsOfPixel(view.key, view.tokensPerPixel, pixel.x(), frame.level);
    const auto rows = cellsOfPixel(view.query, view.queryTokensPerPixel(), pixel.y(), frame.level);
    std::uint8_t code = 0;
    for (std::uint32_t row = rows.first; row <= rows.second; ++row) {
        for (std::uint32_t col = cols.first; col <= std::min(cols.second, row); ++col)
            code = std::max(code, cells.at(row, col));
    }
    return code;
}

/// The code that a colour of the picture stands for; a block's border is mixed half into its cells.
class CodeOfColour {
public:
    explicit CodeOfColour(const ColourLut& colours)
    {
        for (int code = 0; code < 256; ++code) {
            const QRgb colour = colours.ofCode[static_cast<std::size_t>(code)];
            m_plain[colour].insert(code);
            const QRgb edge = colours.border;
            m_onBorder[qRgb((qRed(colour) + qRed(edge)) / 2, (qGreen(colour) + qGreen(edge)) / 2,
                            (qBlue(colour) + qBlue(edge)) / 2)]
                .insert(code);
        }
    }
    /// Also the faintest code, which is not nothing.
    bool isUnique() const { return m_plain.size() == 256; }
    bool shows(QRgb colour, int code, bool mayBeBorder) const
    {
        const auto has = [code](const auto& codes, QRgb key) {
            const auto found = codes.find(key);
            return found != codes.end() && found->second.contains(code);
        };
        return has(m_plain, colour) || (mayBeBorder && has(m_onBorder, colour));
    }

private:
    std::map<QRgb, std::set<int>> m_plain;
    std::map<QRgb, std::set<int>> m_onBorder;
};

} // namespace

/// 1 000 planted single edges a head in a trace of 1 048 576 tokens, on the window's own way: the file as
/// TraceWriter makes it (chunks and overviews), Trace, TileSource, the frame of MapTiles, the picture of the
/// raster renderer. At every octave of zoom, from 1/32 token a pixel to the whole map, in a view that has it
/// somewhere: the pixel that holds the needle's token pair has exactly the colour of the log code of the
/// brightest peak among the cells it touches: the needle's own, unless a brighter one lies in them.
class TestNoNeedleLost : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void pixel_ofEveryNeedle_hasItsCode_data();
    void pixel_ofEveryNeedle_hasItsCode();

private:
    void look(int head, int octave);
    const CellMap& cellsOf(int head, std::uint32_t level);
    MapFrame drawn(const MapViewport& viewport, QString& error);

    QTemporaryDir m_folder;
    std::vector<HeadRecord> m_heads;
    std::vector<std::vector<Needle>> m_needles;
    std::map<std::uint32_t, CellMap> m_cells; ///< of the head that is looked at, by level
    Subject m_subject;
    MapLook m_look;
    ViewReader m_reader{&m_subject};
    std::unique_ptr<MapTiles> m_tiles;
    RasterMapRenderer m_renderer;
    std::size_t m_looked = 0;
    std::size_t m_own = 0;
};

void TestNoNeedleLost::initTestCase()
{
    TraceWriter::Begin begin;
    begin.meta = {{"notes", "needles"}};
    begin.text = "needles";
    begin.tokenOffsets.assign(kTokens + 1, 7);
    begin.tokenOffsets[0] = 0;
    begin.tokenIds.assign(kTokens, 1);
    begin.segments = {{"prompt", 0, kTokens}};
    begin.sentenceOffsets = {0, 7};
    begin.headsPerLayer = {static_cast<int>(kShapes.size())};
    const QString path = m_folder.filePath(QStringLiteral("needles.hwt"));
    auto writer = TraceWriter::create(path.toStdString(), begin, false);
    QVERIFY2(writer, writer ? "" : writer.error().message.c_str());

    for (std::size_t i = 0; i < kShapes.size(); ++i) {
        const auto [blockQ, blockK] = kShapes[i];
        const BlockGrid grid{kTokens, blockQ, blockK};
        SyntheticSpec spec = *syntheticSpec("R1");
        QVERIFY(i != kHay || (spec.grid.seqLen == kTokens && spec.grid.blockQ == blockQ));
        HeadRecord record = i == kHay ? syntheticHead(spec, 0, 0) : emptyHead(grid, static_cast<int>(i));
        record.head = static_cast<int>(i);
        m_needles.push_back(plantedNeedles(grid, 1000 + i));
        m_heads.push_back(withNeedles(record, m_needles.back()));
        QVERIFY(i == kHay || m_heads.back().keyBlock.size() == kNeedles);
    }
    const auto made = writer->writeLayer(
        0, static_cast<int>(kShapes.size()),
        [this](int head) -> Result<TraceWriter::FinishedHead> {
            TraceWriter::FinishedHead finished;
            finished.record = m_heads[static_cast<std::size_t>(head)];
            HeadSums sums(finished.record.shape(), Normaliser::Exact, kTokens);
            sums.add(finished.record);
            finished.takeSums(sums);
            finished.keepKeys = 512;
            finished.sinks = {0};
            return finished;
        },
        0);
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    const auto sealed = writer->seal();
    QVERIFY2(sealed, sealed ? "" : sealed.error().message.c_str());

    const auto trace = Trace::open(path.toStdString());
    QVERIFY2(trace, trace ? "" : trace.error().message.c_str());
    QCOMPARE((*trace)->seqLen(), kTokens);
    const auto sides = (*trace)->overviewSides();
    QVERIFY(std::vector<std::uint32_t>(sides.begin(), sides.end()) == (std::vector<std::uint32_t>{64, 1024}));
    m_subject.setTrace(*trace);
    // Every code above 1 has a colour of its own on this range.
    m_look.setColours({ColourScale::Map::Magma, true, std::exp2(-24.0), 1});
    m_tiles = std::make_unique<MapTiles>(&m_subject, &m_look, &m_reader);
    m_tiles->setSurface(kSurface, 1);
}

/// The frame of a view once all its tiles are there, drawn.
MapFrame TestNoNeedleLost::drawn(const MapViewport& viewport, QString& error)
{
    m_look.setViewport(viewport);
    QElapsedTimer clock;
    clock.start();
    while (m_tiles->tileStatus().pending > 0 && clock.elapsed() < 30000)
        QThread::usleep(20);
    if (const auto failure = m_tiles->tileStatus().failure)
        error = QString::fromStdString(failure->message);
    MapFrame frame = m_tiles->frame(darkTheme());
    for (const TilePlacement& placement : frame.tiles) {
        if (!placement.tile || placement.tile->key != placement.key)
            error = QStringLiteral("a tile of the drawn level is missing");
    }
    m_renderer.prepare(frame);
    return frame;
}

const CellMap& TestNoNeedleLost::cellsOf(int head, std::uint32_t level)
{
    return m_cells.try_emplace(level, m_heads[static_cast<std::size_t>(head)], level).first->second;
}

void TestNoNeedleLost::look(int head, int octave)
{
    const std::vector<Needle>& needles = m_needles[static_cast<std::size_t>(head)];
    const ZoomLimits limits = zoomLimits(kTokens, kSurface);
    std::mt19937_64 random(static_cast<std::uint64_t>(head * 100 + octave + 50));
    const double scale = std::exp2(octave + static_cast<double>(random() % 1000) / 1000);
    std::vector<bool> seen(needles.size());
    for (std::size_t first = 0; first < needles.size(); ++first) {
        if (seen[first])
            continue;
        // The needle lies anywhere in the middle two thirds of its view.
        const auto away = [&random](int pixels) {
            return pixels * (static_cast<double>(random() % 1000) / 1500 - 1.0 / 3);
        };
        const double tokens = std::clamp(scale, limits.finest, limits.coarsest);
        const QPointF centre(needles[first].key + 0.5 + away(kSurface.width()) * tokens,
                             needles[first].query + 0.5
                                 + away(kSurface.height()) * tokens * limits.stretchAt(tokens));
        QString error;
        const MapFrame frame =
            drawn(kept(centredOn(centre, scale, kSurface, limits), kTokens, kSurface), error);
        QVERIFY2(error.isEmpty(), qPrintable(error));
        const CodeOfColour codeOf(frame.colours);
        QVERIFY(codeOf.isUnique());
        const double block =
            std::max({std::exp2(frame.level), double(frame.grid.blockQ), double(frame.grid.blockK)});
        const bool bordered =
            block / std::min(frame.viewport.tokensPerPixel, frame.viewport.queryTokensPerPixel())
            >= kBorderFromPixels;
        for (std::size_t i = first; i < needles.size(); ++i) {
            const QPointF at = pixelAt(frame.viewport, needles[i].key + 0.5, needles[i].query + 0.5);
            const QPoint pixel(static_cast<int>(std::floor(at.x())), static_cast<int>(std::floor(at.y())));
            if (seen[i] || !m_renderer.image().rect().contains(pixel))
                continue;
            seen[i] = true;
            ++m_looked;
            const std::uint8_t code = codeOfPixel(cellsOf(head, frame.level), frame, pixel);
            const std::uint8_t own = codeOfPeak(needles[i].peak);
            QVERIFY(code >= own && own > 1);
            m_own += code == own ? 1 : 0;
            const QRgb colour = m_renderer.image().pixel(pixel);
            if (!codeOf.shows(colour, code, bordered)) {
                QFAIL(qPrintable(
                    QStringLiteral("head %1, %2 tokens a pixel, level %3: needle %4 (query %5, key %6) "
                                   "shows %7, its code is %8")
                        .arg(head)
                        .arg(frame.viewport.tokensPerPixel)
                        .arg(frame.level)
                        .arg(i)
                        .arg(needles[i].query)
                        .arg(needles[i].key)
                        .arg(colour, 8, 16)
                        .arg(code)));
            }
        }
        QVERIFY2(seen[first], "the view does not hold the needle it was made for");
    }
    QCOMPARE(std::count(seen.begin(), seen.end(), true), std::ptrdiff_t(kNeedles));
}

void TestNoNeedleLost::pixel_ofEveryNeedle_hasItsCode_data()
{
    QTest::addColumn<int>("head");
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
        QTest::addRow("blocks %u/%u%s", kShapes[i].first, kShapes[i].second,
                      i == kHay ? ", in the hay of R1" : "")
            << static_cast<int>(i);
    }
}

void TestNoNeedleLost::pixel_ofEveryNeedle_hasItsCode()
{
    QFETCH(const int, head);
    m_subject.setHead({0, head});
    m_looked = 0;
    m_own = 0;
    m_cells.clear();
    const int coarsest = static_cast<int>(std::ceil(std::log2(zoomLimits(kTokens, kSurface).coarsest)));
    for (int octave = -5; octave <= coarsest; ++octave) {
        look(head, octave);
        if (QTest::currentTestFailed())
            return;
    }
    qInfo("%zu pixels, %zu of them with the needle's own code, levels %u to %u", m_looked, m_own,
          m_cells.begin()->first, m_cells.rbegin()->first);
    // From single tokens to the whole map in one tile; from the blocks on no level is left out.
    const auto [blockQ, blockK] = kShapes[static_cast<std::size_t>(head)];
    const auto ofBlocks = static_cast<std::uint32_t>(std::bit_width(std::min(blockQ, blockK)) - 1);
    QCOMPARE(m_cells.begin()->first, 0U);
    for (std::uint32_t level = ofBlocks; level <= coarsestLevel(kTokens); ++level)
        QVERIFY(m_cells.contains(level));
}

QTEST_GUILESS_MAIN(TestNoNeedleLost)
#include "tst_no_needle_lost.moc"
