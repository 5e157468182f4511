// SPDX-License-Identifier: Apache-2.0
// The figure as a file: PDF, SVG and PNG read back by other programs, pixel by pixel; the description beside
// it makes it again.
#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_layout.h"
#include "core/figure/made_figure.h"
#include "core/figure/pixels.h"
#include "core/figure/text_box.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>
#include <QXmlStreamReader>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace headwater;
using namespace headwater::test;

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestHeatmapFiles : public MadeFigure {
    Q_OBJECT

private slots:
    void initTestCase();
    void pdf_fontsAndImages_areEmbeddedAndLossless();
    void pdf_cells_equalTheColourMap();
    void svg_rendered_equalsTheColourMap();
    void svg_liveText_standsWhereItIsDrawn();
    void png_pixels_equalTheColourMap();
    void vectors_fewCells_haveNoSeams();
    void export_again_givesTheSameBytes_data();
    void export_again_givesTheSameBytes();
    void export_sidecar_reproducesTheFigure();
    void export_wrongRequests_areNamed();
    void sidecar_malformed_isNamed();

private:
    QString run(const char* program, const QStringList& arguments) const;
    void compareCells(const Pixels& pixels, const FigureSpec& spec) const;
};

QString TestHeatmapFiles::run(const char* program, const QStringList& arguments) const
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(-1) || process.exitCode() != 0)
        qWarning("%s: %s", program, process.readAllStandardError().constData());
    return QString::fromUtf8(process.readAllStandardOutput());
}

/// The middle of every cell on a rendered page.
void TestHeatmapFiles::compareCells(const Pixels& pixels, const FigureSpec& spec) const
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

void TestHeatmapFiles::initTestCase()
{
    for (const char* program : {"pdffonts", "pdfimages", "pdfinfo", "pdftoppm", "rsvg-convert"})
        QVERIFY2(!QStandardPaths::findExecutable(program).isEmpty(), program);
    QVERIFY(record());
}

void TestHeatmapFiles::pdf_fontsAndImages_areEmbeddedAndLossless()
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

void TestHeatmapFiles::pdf_cells_equalTheColourMap()
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

void TestHeatmapFiles::svg_rendered_equalsTheColourMap()
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

/// Every word is text, in its place: what rsvg draws there has ink, and nothing else of the picture changes.
void TestHeatmapFiles::svg_liveText_standsWhereItIsDrawn()
{
    HeatmapFigureOptions options;
    options.quantity = CellQuantity::Missed;
    options.hasLiveText = true;
    options.title = "A <title> & more";
    QVERIFY(exportHeatmap(m_trace, options, file("live.svg")));
    QXmlStreamReader xml(bytesOf(path("live.svg")));
    QStringList lines;
    QStringList groups;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == u"g" && xml.attributes().hasAttribute("class"))
            groups << xml.attributes().value("class").toString();
        if (xml.name() == u"tspan")
            lines << xml.readElementText();
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QCOMPARE(groups, QStringList({"title", "query axis", "key axis", "colour bar", "caption"}));
    const FigureSpec spec = specOf(options);
    const auto unbroken = [](QString text) { return text.remove(QRegularExpression("[\\s\u2066-\u2069]")); };
    QCOMPARE(unbroken(lines.join(QString())), unbroken(textOf(spec)));
    QVERIFY(bytesOf(path("live.svg")).contains("A &lt;title&gt; &amp; more"));

    run("rsvg-convert", {"-d", "600", "-p", "600", path("live.svg"), "-o", path("live.png")});
    const Pixels pixels(path("live.png"));
    compareCells(pixels, spec);
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const double perMm = pixels.width / spec.widthMm;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            const auto* const text = std::get_if<FigureText>(&item);
            if (!text)
                continue;
            const FigureBox box = boxesOf(*text, *fonts).all();
            std::size_t ink = 0;
            for (double y = box.top * perMm; y < box.bottom * perMm; ++y) {
                for (double x = box.left * perMm; x < box.right * perMm; ++x)
                    ink += pixels.at(x, y) != 0xFFFFFF ? 1 : 0;
            }
            QVERIFY2(ink > 10, text->text.c_str());
        }
    }
    // A title that loses its end is drawn: an ellipsis has no words.
    options.title = std::string(2000, 'w');
    QVERIFY(exportHeatmap(m_trace, options, file("long.svg")));
    QVERIFY(!bytesOf(path("long.svg")).contains("class=\"title\""));
    QVERIFY(bytesOf(path("long.svg")).contains("class=\"caption\""));
}

void TestHeatmapFiles::png_pixels_equalTheColourMap()
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
void TestHeatmapFiles::vectors_fewCells_haveNoSeams()
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

void TestHeatmapFiles::export_again_givesTheSameBytes_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"again.pdf", "again.svg", "again.png"})
        QTest::newRow(name) << QString(name);
}

void TestHeatmapFiles::export_again_givesTheSameBytes()
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

void TestHeatmapFiles::export_sidecar_reproducesTheFigure()
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

void TestHeatmapFiles::export_wrongRequests_areNamed()
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

void TestHeatmapFiles::sidecar_malformed_isNamed()
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

QTEST_GUILESS_MAIN(TestHeatmapFiles)
#include "tst_heatmap_files.moc"
