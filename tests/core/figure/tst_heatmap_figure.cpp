// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_figure.h"

#include "core/base/bidi_text.h"
#include "core/base/percent.h"
#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_layout.h"
#include "core/figure/heatmap_mask.h"
#include "core/figure/pixels.h"
#include "core/tiles/tile_builder.h"
#include "core/trace/synthetic_trace.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace headwater;
using headwater::test::Pixels;

namespace {

const FigureCells& cellsOf(const FigureSpec& spec)
{
    for (const FigureGroup& group : spec.groups) {
        if (group.name == "cells")
            return std::get<FigureCells>(group.items.back());
    }
    qFatal("no cells");
}

QString textOf(const FigureSpec& spec)
{
    QString all;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* text = std::get_if<FigureText>(&item))
                all += QString::fromStdString(text->text) + ' ';
        }
    }
    return all;
}

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestHeatmapFigure : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void spec_wholeMap_saysWhatItShows();
    void spec_cells_areTheColourTable();
    void spec_masks_areGreyAndSaid_data();
    void spec_masks_areGreyAndSaid();
    void spec_fewTokens_areNamed();
    void spec_quotations_areIsolated();
    void spec_unknownMissedMass_isHatched();
    void spec_belowTheBlocks_tellsPairsFromBlocks();
    void pdf_fontsAndImages_areEmbeddedAndLossless();
    void pdf_cells_equalTheColourMap();
    void svg_rendered_equalsTheColourMap();
    void png_pixels_equalTheColourMap();
    void vectors_fewCells_haveNoSeams();
    void export_again_givesTheSameBytes_data();
    void export_again_givesTheSameBytes();
    void export_sidecar_reproducesTheFigure();
    void export_wrongRequests_areNamed();
    void export_headWithoutEdges_drawsItsOverview();
    void notKept_isBoundedInEveryRowThatIsDrawn();
    void sidecar_malformed_isNamed();

private:
    QString path(const char* name) const { return m_folder.filePath(name); }
    std::filesystem::path file(const char* name) const { return path(name).toStdString(); }
    QString run(const char* program, const QStringList& arguments) const;
    FigureSpec specOf(const HeatmapFigureOptions& options) const;
    void compareCells(const Pixels& pixels, const FigureSpec& spec) const;

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
};

QString TestHeatmapFigure::run(const char* program, const QStringList& arguments) const
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(-1) || process.exitCode() != 0)
        qWarning("%s: %s", program, process.readAllStandardError().constData());
    return QString::fromUtf8(process.readAllStandardOutput());
}

FigureSpec TestHeatmapFigure::specOf(const HeatmapFigureOptions& options) const
{
    auto fonts = FigureFonts::load();
    if (!fonts)
        qFatal("%s", fonts.error().text().c_str());
    auto spec = heatmapFigure(m_trace, options, *fonts);
    if (!spec)
        qFatal("%s", spec.error().text().c_str());
    return *spec;
}

/// The middle of every cell on a rendered page.
void TestHeatmapFigure::compareCells(const Pixels& pixels, const FigureSpec& spec) const
{
    const FigureCells& cells = cellsOf(spec);
    const double perMm = pixels.width / spec.widthMm;
    std::size_t compared = 0;
    for (std::uint32_t row = 0; row < cells.rows; ++row) {
        for (std::uint32_t col = 0; col < cells.columns; ++col) {
            const std::uint32_t colour = cells.colours[std::size_t{row} * cells.columns + col];
            const double x = (cells.x + (col + 0.5) * cells.width / cells.columns) * perMm;
            const double y = (cells.y + (row + 0.5) * cells.height / cells.rows) * perMm;
            // The first column and the last row lie under the axes' lines.
            if (colour == kNoCell || col == 0 || row + 1 == cells.rows)
                continue;
            if (pixels.at(x, y) != colour)
                QFAIL(qPrintable(QString("cell %1,%2 is %3, not %4")
                                     .arg(row)
                                     .arg(col)
                                     .arg(pixels.at(x, y), 6, 16)
                                     .arg(colour, 6, 16)));
            ++compared;
        }
    }
    QVERIFY(compared > 200);
}

void TestHeatmapFigure::initTestCase()
{
    for (const char* program : {"pdffonts", "pdfimages", "pdfinfo", "pdftoppm", "rsvg-convert"})
        QVERIFY2(!QStandardPaths::findExecutable(program).isEmpty(), program);
    SyntheticSpec made{"figure", {2048, 8, 8}, 2, 2, 16, 2, 5};
    QVERIFY(writeSyntheticTrace(file("made.hwt"), made));
    auto trace = Trace::open(file("made.hwt"));
    QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
    m_trace = *trace;
}

void TestHeatmapFigure::spec_wholeMap_saysWhatItShows()
{
    HeatmapFigureOptions options;
    options.layer = 1;
    const FigureSpec spec = specOf(options);
    QCOMPARE(spec.widthMm, 77.0);
    const QString text = textOf(spec);
    for (const char* phrase :
         {"L1 · H0", "query token", "key token", "p_model", "synthetic figure", "2\u202f048 tokens",
          "128 keys", "max of p_model over", "8 × 8 tokens", "Attention kept"})
        QVERIFY2(QString(text).replace('\n', ' ').contains(phrase), qPrintable(text));
    const double kept = m_trace->findHead(1, 0)->statistics.keptMass.mean;
    const double shown = std::floor(kept * 1000 + 5e-4) / 10; // as the window: down, and the rest up
    QVERIFY(text.contains(QString("Attention kept %1\u202f%").arg(shown, 0, 'f', 1)));
    QVERIFY(text.contains(QString("missed %1\u202f%").arg(100 - shown, 0, 'f', 1)));
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* found = std::get_if<FigureText>(&item))
                QVERIFY(found->sizePt >= 7 && found->sizePt <= 9 && found->y < spec.heightMm);
        }
    }
}

void TestHeatmapFigure::spec_cells_areTheColourTable()
{
    HeatmapFigureOptions options;
    options.limits = {0.001, 0.5, true};
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys}) {
        options.colormap = map;
        options.level = 3;
        const FigureSpec spec = specOf(options);
        const FigureCells& cells = cellsOf(spec);
        QCOMPARE(cells.columns, 256u);
        const auto table = colourTable(map, true, options.limits, CellQuantity::Max, 1);
        const TileRun run = buildStrip({**edges}, {0, 0, 3, 0, 0, 1});
        for (std::uint32_t i = 0; i < 256 * 256; ++i) {
            const Rgb colour = table[run[0]->max[i]];
            const std::uint32_t packed =
                std::uint32_t{colour.red} << 16 | std::uint32_t{colour.green} << 8 | colour.blue;
            QCOMPARE(cells.colours[i], i % 256 > i / 256 || run[0]->max[i] == 0 ? kNoCell : packed);
        }
    }
}

void TestHeatmapFigure::spec_masks_areGreyAndSaid_data()
{
    QTest::addColumn<bool>("sinks");
    QTest::addColumn<bool>("diagonal");
    QTest::addColumn<std::uint32_t>("level");
    QTest::addColumn<QString>("said");
    QTest::newRow("none") << false << false << 3U << QString();
    QTest::newRow("sinks") << true << false << 3U << "Grey: sinks masked.";
    QTest::newRow("diagonal") << false << true << 4U << "Grey: diagonal and recent blocks masked.";
    QTest::newRow("both, cells below a block")
        << true << true << 1U << "Grey: sinks, diagonal and recent blocks masked.";
}

void TestHeatmapFigure::spec_masks_areGreyAndSaid()
{
    QFETCH(const bool, sinks);
    QFETCH(const bool, diagonal);
    QFETCH(const std::uint32_t, level);
    QFETCH(const QString, said);
    const BlockGrid grid{300, 8, 4};
    const std::uint32_t sinkTokens[] = {0, 137};
    HeatmapCells cells;
    cells.level = level;
    cells.firstRow = 200 >> level;
    cells.firstColumn = 120 >> level;
    cells.rows = 64 >> level;
    cells.columns = 96 >> level;
    HeatmapFigureOptions options;
    options.maskSinks = sinks;
    options.maskDiagonal = diagonal;
    const std::vector<std::uint8_t> hidden = hiddenCells(cells, grid, sinkTokens, options);
    QCOMPARE(hidden.empty(), !sinks && !diagonal);
    const std::uint32_t side = 1U << level;
    for (std::uint32_t i = 0; i < hidden.size(); ++i) {
        const std::uint32_t query = (cells.firstRow + i / cells.columns) * side;
        const std::uint32_t key = (cells.firstColumn + i % cells.columns) * side;
        bool expected = false;
        for (std::uint32_t token = key; token < key + side;
             ++token) { // does it hold a token of a hidden block?
            const std::uint32_t block = token / grid.blockK;
            const std::uint32_t ownBlock = query / grid.blockQ * grid.blockQ / grid.blockK;
            expected = expected || (sinks && (block == 0 || block == 137 / grid.blockK))
                || (diagonal && block + 1 >= ownBlock);
        }
        QCOMPARE(hidden[i] != 0, expected);
    }
    // On the page: grey where hidden, the caption's own phrase, and the same from the sidecar's options.
    HeatmapFigureOptions page = options;
    page.level = 4;
    const FigureSpec spec = specOf(page);
    QCOMPARE(textOf(spec).simplified().contains(said), true);
    const auto greys = std::count(cellsOf(spec).colours.begin(), cellsOf(spec).colours.end(), kHiddenCell);
    QCOMPARE(greys > 0, diagonal || (sinks && !m_trace->sinks(0, 0).empty()));
    const auto again = heatmapOptionsFromJson(toJson(page));
    QVERIFY(again.has_value());
    QCOMPARE(cellsOf(specOf(*again)).colours, cellsOf(spec).colours);
    page.quantity = CellQuantity::Missed; // belongs to rows: nothing is hidden, nothing said
    QVERIFY(hiddenCells(cells, grid, sinkTokens, page).empty());
    QVERIFY(!textOf(specOf(page)).contains("masked"));
}

void TestHeatmapFigure::spec_fewTokens_areNamed()
{
    HeatmapFigureOptions options;
    options.queries = TokenRange{100, 112};
    options.keys = TokenRange{96, 110};
    const FigureSpec spec = specOf(options);
    QCOMPARE(cellsOf(spec).rows, 12u);
    QCOMPARE(cellsOf(spec).columns, 14u);
    QStringList labels;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* text = std::get_if<FigureText>(&item); text && text->font == FigureFont::Mono)
                labels << QString::fromStdString(text->text);
        }
    }
    QCOMPARE(labels.size(), 26);
    const std::string_view token = m_trace->tokenText(100);
    QCOMPARE(labels[0].left(3),
             QString::fromUtf8(token.data(), static_cast<qsizetype>(token.size())).left(3));
    QVERIFY(textOf(spec).contains("of single pairs"));
}

void TestHeatmapFigure::spec_quotations_areIsolated()
{
    HeatmapFigureOptions options;
    options.title = "שלום, 3";
    const FigureSpec spec = specOf(options);
    QCOMPARE(spec.title, options.title); // of the document: for programs
    QVERIFY(textOf(spec).contains(QString::fromStdString(isolated(options.title))));

    // Also where it is shortened, and of several lines.
    HeatmapContent content;
    const std::vector<std::uint8_t> codes(64);
    content.cells = {0, 0, 0, 8, 8, codes, codes, std::vector<std::uint8_t>(8), std::vector<std::uint8_t>(8)};
    content.blockQ = content.blockK = 8;
    content.tokenLabel = [](std::uint32_t) { return std::string("x"); };
    for (int i = 0; i < 30; ++i)
        content.model += "שלום ";
    content.caption = {"12 tokens.", "Plain."};
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto laid = layOutHeatmap(content, {}, *fonts);
    QVERIFY(laid);
    const QString caption = textOf(*laid).section(QString::fromUtf8("שלום"), 1);
    QVERIFY(textOf(*laid).contains(QChar(0x2068)));
    QVERIFY2(caption.contains(QStringLiteral("\u2069, 12 tokens. Plain.")), qPrintable(caption));
}

void TestHeatmapFigure::spec_unknownMissedMass_isHatched()
{
    HeatmapContent content;
    content.cells = {0,
                     0,
                     0,
                     40,
                     40,
                     std::vector<std::uint8_t>(1600),
                     std::vector<std::uint8_t>(1600),
                     std::vector<std::uint8_t>(40, 100),
                     std::vector<std::uint8_t>(40)};
    for (std::uint32_t row = 10; row < 20; ++row)
        content.cells.missed[row] = 255;
    content.blockQ = content.blockK = 8;
    content.tokenLabel = [](std::uint32_t) { return std::string("x"); };
    HeatmapFigureOptions options;
    options.quantity = CellQuantity::Missed;
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto laidOut = layOutHeatmap(content, options, *fonts);
    QVERIFY2(laidOut, laidOut ? "" : laidOut.error().text().c_str());
    const FigureSpec& spec = *laidOut;
    std::vector<FigureHatch> hatches;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* hatch = std::get_if<FigureHatch>(&item))
                hatches.push_back(*hatch);
        }
    }
    const FigureCells& cells = cellsOf(spec);
    QCOMPARE(hatches.size(), std::size_t{1});
    QVERIFY(std::abs(hatches[0].y - (cells.y + cells.height / 4)) < 1e-9);
    QVERIFY(std::abs(hatches[0].height - cells.height / 4) < 1e-9);
    QCOMPARE(cells.colours[15 * 40 + 3], kNoCell);
    QCOMPARE(cells.colours[15 * 40 + 30], 0xFFFFFFu);
    QVERIFY(cells.colours[5 * 40 + 3] != kNoCell);
}

/// A block's number at its own pair, the rest of the block hatched; a recorded row by its keys; what is not
/// kept is page.
void TestHeatmapFigure::spec_belowTheBlocks_tellsPairsFromBlocks()
{
    const std::uint32_t rows = m_trace->seqLen();
    HeatmapFigureOptions options;
    options.queries = TokenRange{rows - 40, rows};
    options.keys = TokenRange{rows - 60, rows};
    options.level = 0;
    options.limits = {0, 1, false};
    const FigureSpec spec = specOf(options);
    const FigureCells& cells = cellsOf(spec);
    const HeadInfo& info = *m_trace->findHead(0, 0);
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    const BlockGrid& grid = (*edges)->grid;
    std::size_t numbers = 0;
    std::size_t open = 0;
    std::size_t unnamed = 0;
    for (std::uint32_t row = rows - 40; row < rows; ++row) {
        std::vector<std::uint32_t> recorded;
        if (m_trace->hasTokenRow(row))
            recorded = m_trace->loadTokenRow(0, 0, row)->keys;
        for (std::uint32_t key = rows - 60; key <= row; ++key) {
            const std::uint32_t colour =
                cells.colours[std::size_t{row - (rows - 40)} * cells.columns + (key - (rows - 60))];
            const std::uint32_t block = row / grid.blockQ;
            const auto begin = (*edges)->keyBlock.begin() + (*edges)->rowPtr[block];
            const auto end = (*edges)->keyBlock.begin() + (*edges)->rowPtr[block + 1];
            const auto found = std::find(begin, end, key / grid.blockK);
            const auto at = found == end
                ? 0U
                : (*edges)->peakAt[static_cast<std::size_t>(found - (*edges)->keyBlock.begin())];
            const bool isPeak =
                found != end && row % grid.blockQ == at >> 8 && key % grid.blockK == (at & 0xFF);
            const bool isNamed = std::ranges::find(recorded, key) != recorded.end();
            if (isPeak || isNamed) {
                QVERIFY(colour != kNoCell);
                ++numbers;
            } else if (found != end && recorded.empty()) {
                QCOMPARE(colour, kNoCell);
                ++open;
            } else {
                QCOMPARE(colour, 0xFFFFFFu);
                ++unnamed;
            }
        }
    }
    QVERIFY(numbers > 20 && open > 100 && unnamed > 100);
    const auto& first = spec.groups[1].items.front();
    const auto* const hatch = std::get_if<FigureHatch>(&first);
    QVERIFY(spec.groups[1].name == "cells" && hatch && hatch->width == cells.width);
    const QString text = textOf(spec);
    QVERIFY2(text.contains("of single pairs"), qPrintable(text));
    QVERIFY2(
        text.contains(
            QStringLiteral("Hatched: in a kept block of %1 × %2 tokens").arg(info.blockQ).arg(info.blockK)),
        qPrintable(text));
    QVERIFY2(text.contains("Amber edge: rows recorded token by token"), qPrintable(text));
    options.quantity = CellQuantity::Count; // a block is a block
    QVERIFY(!textOf(specOf(options)).contains("Hatched"));
}

void TestHeatmapFigure::pdf_fontsAndImages_areEmbeddedAndLossless()
{
    HeatmapFigureOptions options;
    options.quantity = CellQuantity::Missed; // every cell has a colour, so they make an image
    const auto written = exportHeatmap(m_trace, options, file("a.pdf"));
    QVERIFY2(written, written ? "" : written.error().text().c_str());
    const QStringList fonts = run("pdffonts", {path("a.pdf")}).split('\n', Qt::SkipEmptyParts).mid(2);
    QVERIFY(fonts.size() >= 2);
    for (const QString& font : fonts) {
        QVERIFY2(font.contains("Headwater"), qPrintable(font));
        QVERIFY2(font.contains(QRegularExpression("yes +yes +(yes|no) +\\d+ +\\d+$")), qPrintable(font));
    }
    const QString images = run("pdfimages", {"-list", path("a.pdf")});
    QVERIFY(images.contains(" image "));
    QVERIFY(!images.contains("jpeg") && !images.contains("jpx"));
    QVERIFY(!bytesOf(path("a.pdf")).contains("DCTDecode"));
    const FigureSpec spec = specOf(options);
    const auto size =
        QRegularExpression("Page size: +([\\d.]+) x ([\\d.]+) pts").match(run("pdfinfo", {path("a.pdf")}));
    QVERIFY(size.hasMatch());
    QVERIFY(std::abs(size.captured(1).toDouble() - 77 * 72 / 25.4) < 0.5);
    QVERIFY(std::abs(size.captured(2).toDouble() - spec.heightMm * 72 / 25.4) < 0.5);
}

void TestHeatmapFigure::pdf_cells_equalTheColourMap()
{
    HeatmapFigureOptions options;
    options.colormap = Colormap::Viridis;
    options.quantity = CellQuantity::Missed;
    QVERIFY(exportHeatmap(m_trace, options, file("cells.pdf")));
    run("pdfimages", {"-png", path("cells.pdf"), path("cells")});
    const Pixels pixels(path("cells-000.png"));
    const FigureSpec spec = specOf(options);
    const FigureCells& cells = cellsOf(spec);
    QVERIFY(pixels.width >= cells.columns);
    QCOMPARE(pixels.width % cells.columns, 0u);
    QCOMPARE(pixels.height % cells.rows, 0u);
    for (std::uint32_t y = 0; y < pixels.height; ++y) {
        for (std::uint32_t x = 0; x < pixels.width; ++x) {
            const std::size_t cell = std::size_t{y / (pixels.height / cells.rows)} * cells.columns
                + x / (pixels.width / cells.columns);
            if (cells.colours[cell] != kNoCell)
                QCOMPARE(pixels.rgb[std::size_t{y} * pixels.width + x], cells.colours[cell]);
        }
    }
}

void TestHeatmapFigure::svg_rendered_equalsTheColourMap()
{
    HeatmapFigureOptions options;
    options.quantity = CellQuantity::Missed;
    QVERIFY(exportHeatmap(m_trace, options, file("a.svg")));
    const QByteArray svg = bytesOf(path("a.svg"));
    QVERIFY(!svg.contains("<text") && !svg.contains("font-family") && !svg.contains("image/jpeg"));
    QVERIFY(svg.contains("image/png"));
    run("rsvg-convert", {"-d", "1200", "-p", "1200", path("a.svg"), "-o", path("svg.png")});
    compareCells(Pixels(path("svg.png")), specOf(options));
}

void TestHeatmapFigure::png_pixels_equalTheColourMap()
{
    HeatmapFigureOptions options;
    options.colormap = Colormap::Cividis;
    options.quantity = CellQuantity::Count;
    options.level = 5;
    QVERIFY(exportHeatmap(m_trace, options, file("a.png")));
    const Pixels pixels(path("a.png"));
    QCOMPARE(pixels.width, static_cast<std::uint32_t>(std::lround(77 / 25.4 * 600)));
    const FigureSpec spec = specOf(options);
    compareCells(pixels, spec);
    // The density stands in the file: 600 dots an inch are 23 622 a metre.
    QVERIFY(bytesOf(path("a.png")).mid(33, 17)
            == QByteArray::fromHex("0000000970485973"
                                   "00005c46"
                                   "00005c46"
                                   "01"));
    auto fonts = FigureFonts::load();
    const auto raster = rasteriseFigure(spec, *fonts, 600);
    QVERIFY(raster);
    for (std::size_t i = 0; i < raster->pixels.size(); ++i)
        QCOMPARE(raster->pixels[i], pixels.rgb[i] | 0xFF000000);

    // Too many pixels are refused with the density that would do.
    for (const auto& [width, height] : {std::pair(2000.0, 2800.0), std::pair(20.0, 5000.0)}) {
        FigureSpec large;
        large.widthMm = width;
        large.heightMm = height;
        const auto refused = rasteriseFigure(large, *fonts, 2400);
        QVERIFY(!refused);
        const auto most = QRegularExpression("(\\d+) dots per inch are the most")
                              .match(QString::fromStdString(refused.error().message));
        QVERIFY2(most.hasMatch(), refused.error().message.c_str());
        const double dpi = most.captured(1).toDouble();
        QVERIFY(std::max(width, height) / 25.4 * dpi < 32767 && dpi > 100);
        QVERIFY(std::round(width / 25.4 * dpi) * std::round(height / 25.4 * dpi) <= 1u << 28);
    }
}

/// A map of one colour, drawn as 400 vectors: whatever the viewer's grid, no light line may show between
/// cells.
void TestHeatmapFigure::vectors_fewCells_haveNoSeams()
{
    FigureSpec spec;
    spec.widthMm = spec.heightMm = 50;
    FigureCells cells{5.3, 5.7, 37.1, 37.9, 20, 20, {}};
    for (std::uint32_t i = 0; i < 400; ++i)
        cells.colours.push_back(i % 2 ? 0x000000 : 0x010101);
    spec.groups = {{"cells", {cells}}};
    auto fonts = FigureFonts::load();
    const auto pdf = paintFigure(spec, *fonts, FigureFormat::Pdf);
    QVERIFY(pdf);
    QFile out(path("seams.pdf"));
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(pdf->data(), static_cast<qint64>(pdf->size())) > 0);
    out.close();
    QVERIFY(!run("pdfimages", {"-list", path("seams.pdf")}).contains(" image "));
    run("pdftoppm", {"-png", "-r", "173", "-singlefile", path("seams.pdf"), path("seams")});
    const Pixels pixels(path("seams.png"));
    const double perMm = pixels.width / 50.0;
    for (double y = 6.2; y < 43; y += 0.1) {
        for (double x = 5.8; x < 42; x += 0.1)
            QVERIFY((pixels.at(x * perMm, y * perMm) & 0xFF) <= 1);
    }
}

void TestHeatmapFigure::export_again_givesTheSameBytes_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"again.pdf", "again.svg", "again.png"})
        QTest::newRow(name) << QString(name);
}

void TestHeatmapFigure::export_again_givesTheSameBytes()
{
    QFETCH(const QString, name);
    const std::filesystem::path target = m_folder.filePath(name).toStdString();
    HeatmapFigureOptions options;
    options.head = 0;
    QFile own(path("again.json")); // of the user, and no business of ours
    QVERIFY(own.open(QIODevice::WriteOnly) && own.write("mine") == 4);
    own.close();
    QVERIFY(exportHeatmap(m_trace, options, target));
    QCOMPARE(bytesOf(path("again.json")), QByteArray("mine"));
    const QByteArray first = bytesOf(m_folder.filePath(name));
    const QByteArray sidecar = bytesOf(m_folder.filePath(name + ".json"));
    QVERIFY(!sidecar.isEmpty());
    QVERIFY(first.size() > 1000);
    // Something else in between, and the trace opened anew.
    HeatmapFigureOptions other;
    other.quantity = CellQuantity::Missed;
    QVERIFY(exportHeatmap(m_trace, other, file("other.svg")));
    const auto reopened = Trace::open(file("made.hwt"));
    QVERIFY(reopened);
    QVERIFY(exportHeatmap(*reopened, options, target));
    QVERIFY(bytesOf(m_folder.filePath(name)) == first);
    QVERIFY(bytesOf(m_folder.filePath(name + ".json")) == sidecar);
}

void TestHeatmapFigure::export_sidecar_reproducesTheFigure()
{
    HeatmapFigureOptions options;
    options.layer = 1;
    options.queries = TokenRange{512, 1024};
    options.keys = TokenRange{0, 1024};
    options.limits = {0, 0.25, false};
    options.title = "A ⟨title⟩";
    options.widthMm = 160;
    QVERIFY(exportHeatmap(m_trace, options, file("first.pdf")));
    const auto sidecar = readFigureSidecar(file("first.pdf.json"));
    QVERIFY2(sidecar, sidecar ? "" : sidecar.error().text().c_str());
    const auto trace = Trace::open(sidecar->trace);
    QVERIFY(trace);
    QVERIFY(exportHeatmap(*trace, sidecar->options, file("second.pdf")));
    QVERIFY(bytesOf(path("first.pdf")) == bytesOf(path("second.pdf")));
    QVERIFY(bytesOf(path("first.pdf.json")) == bytesOf(path("second.pdf.json")));
}

void TestHeatmapFigure::export_wrongRequests_areNamed()
{
    const auto codeOf = [&](const HeatmapFigureOptions& options, const std::filesystem::path& target) {
        const auto written = exportHeatmap(m_trace, options, target);
        return written ? ErrorCode::Internal : written.error().code;
    };
    HeatmapFigureOptions options;
    QVERIFY(codeOf(options, file("a.gif")) == ErrorCode::InvalidArgument);
    QVERIFY(codeOf(options, file("a")) == ErrorCode::InvalidArgument);
    QVERIFY(codeOf(options, file("no/such/folder/a.pdf")) == ErrorCode::CannotCreate);
    QVERIFY(QDir(m_folder.path()).mkdir("folder.pdf"));
    QVERIFY(codeOf(options, file("folder.pdf")) == ErrorCode::CannotCreate);
    QVERIFY(!QFile::exists(path("folder.pdf.part")));
    options.head = 99;
    QVERIFY(codeOf(options, file("x.pdf")) == ErrorCode::NotFound);
    options.head = 0;
    options.keys = TokenRange{0, 2049};
    QVERIFY(codeOf(options, file("x.pdf")) == ErrorCode::InvalidArgument);
    options.keys = TokenRange{7, 7};
    QVERIFY(codeOf(options, file("x.pdf")) == ErrorCode::InvalidArgument);
    options.keys.reset();
    options.limits = {0.5, 0.1, true};
    QVERIFY(codeOf(options, file("x.pdf")) == ErrorCode::InvalidArgument);
    QVERIFY(!QFile::exists(path("x.pdf")));
    // Cells that no memory holds, asked of a text of many tokens.
    QVERIFY(writeSyntheticTrace(file("long.hwt"), {"long", {1 << 20, 256, 256}, 1, 1, 2, 1, 5}));
    const auto longTrace = Trace::open(file("long.hwt"));
    QVERIFY(longTrace);
    HeatmapFigureOptions fine;
    fine.level = 0;
    const auto refused = exportHeatmap(*longTrace, fine, file("x.pdf"));
    QVERIFY(!refused);
    QCOMPARE(exitCodeOf(refused.error().code), 64);
    QVERIFY2(refused.error().message.ends_with("or level 7"), refused.error().message.c_str());
    fine.level = 7;
    QVERIFY(exportHeatmap(*longTrace, fine, file("x.pdf")));
}

void TestHeatmapFigure::export_headWithoutEdges_drawsItsOverview()
{
    HeatmapFigureOptions options;
    options.head = 1; // the made trace holds every second head's edges
    QVERIFY(!m_trace->hasEdges(0, 1));
    QVERIFY(exportHeatmap(m_trace, options, file("overview.pdf")));
    options.level = 0;
    const auto written = exportHeatmap(m_trace, options, file("fine.pdf"));
    QVERIFY(!written);
    QVERIFY(written.error().code == ErrorCode::Unsupported);
    QVERIFY(written.error().text().find("layer 0 head 1") != std::string::npos);
}

/// A cell at the edge of the range shows rows beyond it.
void TestHeatmapFigure::notKept_isBoundedInEveryRowThatIsDrawn()
{
    const auto rows = m_trace->loadRows(0, 0);
    QVERIFY(rows);
    const std::vector<float>& bounds = (*rows)->missedPeak;
    const auto largest = std::max_element(bounds.begin() + 1024, bounds.begin() + 1088);
    const auto row = static_cast<std::uint32_t>(largest - bounds.begin());
    HeatmapFigureOptions options;
    options.queries = row < 1056 ? TokenRange{row + 1, 1064} : TokenRange{1048, row};
    const auto boundAt = [&](std::uint32_t level) {
        options.level = level;
        const QString text = textOf(specOf(options));
        static const QRegularExpression pattern("not kept, at most (\\S+) a key");
        return pattern.match(text).captured(1);
    };
    const float asked =
        *std::max_element(bounds.begin() + options.queries->begin, bounds.begin() + options.queries->end);
    QVERIFY(asked < *largest);
    QCOMPARE(boundAt(0), QString::fromStdString(boundText(static_cast<double>(asked))));
    QCOMPARE(boundAt(6), QString::fromStdString(boundText(static_cast<double>(*largest))));
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    const RowSlice odd{0, {}, {}, {0.5F, unknown, 0.001F, 0.25F}};
    QVERIFY(std::isnan(largestMissedPeak(odd, 0, 3)));
    QCOMPARE(largestMissedPeak(odd, 2, 4), 0.25F);
    QCOMPARE(largestMissedPeak(odd, 0, 0), 0.0F);
}

void TestHeatmapFigure::sidecar_malformed_isNamed()
{
    const auto errorOf = [&](const char* text) {
        QFile out(path("bad.json"));
        if (out.open(QIODevice::WriteOnly))
            out.write(text);
        out.close();
        const auto sidecar = readFigureSidecar(file("bad.json"));
        return sidecar ? Error{ErrorCode::Internal, {}, {}} : sidecar.error();
    };
    for (const char* text :
         {"", "{", "[]", "null", "{}", R"({"format": 3})", R"({"format": "headwater figure 1"})",
          R"({"format": "headwater figure 1", "trace": 1, "tokens": 9, "options": {}})",
          R"({"format": "headwater figure 1", "trace": "a.hwt", "options": {}})",
          R"({"format": "headwater figure 1", "trace": "a.hwt", "tokens": -1, "options": {}})",
          R"({"format": "headwater figure 1", "trace": "a.hwt", "tokens": 4294967296, "options": {}})",
          R"({"format": "headwater figure 1", "trace": "a.hwt", "tokens": 9, "options": {"layer": "x"}})",
          R"({"format": "headwater figure 1", "trace": "a.hwt", "tokens": 9, "options": {"width": 9}})"}) {
        const Error error = errorOf(text);
        QVERIFY2(error.code == ErrorCode::BadFormat, text);
        QVERIFY(error.context.find("bad.json") != std::string::npos);
    }
    const Error unknown = errorOf(
        R"({"format": "headwater figure 1", "trace": "a.hwt", "tokens": 9, "options": {"width": 9}})");
    QVERIFY2(unknown.message.find("'width' is no option of a figure") != std::string::npos,
             unknown.text().c_str());
    QVERIFY(unknown.message.find("width_mm") != std::string::npos);
    QVERIFY(readFigureSidecar(file("absent.json")).error().code == ErrorCode::NotFound);
    QVERIFY(readFigureSidecar(m_folder.path().toStdString()).error().code == ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestHeatmapFigure)
#include "tst_heatmap_figure.moc"
