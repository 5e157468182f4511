// SPDX-License-Identifier: Apache-2.0
#include "core/figure/svg_ids.h"

#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_figure.h"
#include "core/figure/pixels.h"
#include "core/trace/synthetic_trace.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using headwater::test::Pixels;

namespace {

/// What the pattern's first group finds.
QStringList allOf(const char* pattern, const QString& svg)
{
    QStringList found;
    for (auto at = QRegularExpression(pattern).globalMatch(svg); at.hasNext();)
        found << at.next().captured(1);
    return found;
}

QStringList idsOf(const QString& svg)
{
    return allOf("\\sid=\"([^\"]*)\"", svg);
}

QStringList referencesOf(const QString& svg)
{
    return allOf("href=\"#([^\"]*)\"", svg) + allOf("url\\(['\" ]*#([^)'\"]*)", svg);
}

QString named(const char* svg)
{
    return QString::fromStdString(nameSvgIds(svg));
}

} // namespace

class TestSvgIds : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void names_everyReference_follows_data();
    void names_everyReference_follows();
    void names_anyCounters_giveTheSameText();
    void figures_different_shareNoId();
    void figures_inOnePage_lookAsEachAlone();

private:
    QString svgOf(const HeatmapFigureOptions& options);
    Pixels renderedPage(const QStringList& figures);

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    std::vector<HeatmapFigureOptions> m_figures; ///< no two alike
};

void TestSvgIds::initTestCase()
{
    QVERIFY(!QStandardPaths::findExecutable("rsvg-convert").isEmpty());
    const std::filesystem::path file = m_folder.filePath("made.hwt").toStdString();
    QVERIFY(writeSyntheticTrace(file, {"ids", {1024, 8, 8}, 2, 2, 16, 1, 5}));
    auto trace = Trace::open(file);
    QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
    m_trace = *trace;
    for (int i = 0; i < 24; ++i) { // heads, maps, parts, words and sizes
        HeatmapFigureOptions options;
        options.layer = i % 2;
        options.head = i / 2 % 2;
        options.quantity = static_cast<CellQuantity>(i / 4 % 3);
        options.colormap = i % 3 == 0 ? Colormap::Viridis : Colormap::Magma;
        if (i % 5 == 0)
            options.keys = TokenRange{100, 130};
        if (i % 7 == 0)
            options.title = "Figure " + std::to_string(i);
        options.widthMm = 77 + (i > 12 ? 0.01 * i : 0);
        m_figures.push_back(options);
    }
}

QString TestSvgIds::svgOf(const HeatmapFigureOptions& options)
{
    auto fonts = FigureFonts::load();
    const auto spec = heatmapFigure(m_trace, options, *fonts);
    if (!spec)
        qFatal("%s", spec.error().text().c_str());
    const auto bytes = paintFigure(*spec, *fonts, FigureFormat::Svg);
    return bytes ? QString::fromStdString(*bytes) : QString();
}

/// One page with the figures side by side; an empty text keeps its place empty.
Pixels TestSvgIds::renderedPage(const QStringList& figures)
{
    QString page = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
                   "width=\"480pt\" height=\"400pt\" viewBox=\"0 0 480 400\">";
    for (qsizetype i = 0; i < figures.size(); ++i) {
        const QString root = figures[i].mid(figures[i].indexOf("<svg"));
        page += QString(root).replace(0, 5, QString("<svg x=\"%1\" y=\"0\" ").arg(240 * i));
    }
    QFile file(m_folder.filePath("page.svg"));
    if (!file.open(QIODevice::WriteOnly) || file.write(page.toUtf8() + "</svg>") < 0)
        qFatal("no page");
    file.close();
    QProcess process;
    const QString picture = m_folder.filePath("page.png");
    process.start("rsvg-convert", {"-d", "144", "-p", "144", file.fileName(), "-o", picture});
    if (!process.waitForFinished(-1) || process.exitCode() != 0)
        qFatal("%s", process.readAllStandardError().constData());
    return Pixels(picture);
}

void TestSvgIds::names_everyReference_follows_data()
{
    QTest::addColumn<QString>("reference"); // with "x" for an id that the document has
    for (const char* reference :
         {"<use xlink:href=\"#x\"/>", "<use href='#x'/>", "<g clip-path=\"url(#x)\"/>",
          "<g mask=\"url(#x)\"/>", "<g filter = \"url( '#x' )\"/>",
          "<g style=\"fill:url(#x);mask:url(#x)\"/>", "<g title=\"a > b\" fill=\"url(#x)\"/>",
          "<g\n  stroke=\"url(#x) none\"\n/>"})
        QTest::newRow(reference) << QString(reference);
}

void TestSvgIds::names_everyReference_follows()
{
    QFETCH(const QString, reference);
    const QString svg = "<svg><!-- id=\"no\" '> --><defs><g id=\"x\"/></defs>" + reference
        + "<text>id=\"x\" url(#x)</text><image href=\"data:image/png;base64,#x\"/></svg>";
    const QString renamed = named(svg.toUtf8());
    const QString id = idsOf(renamed.section("</defs>", 0, 0)).last();
    QVERIFY2(QRegularExpression("^f[0-9a-f]{24}-1$").match(id).hasMatch(), qPrintable(id));
    QCOMPARE(QString(renamed).replace("\"" + id + "\"/></defs>", "\"x\"/></defs>").replace('#' + id, "#x"),
             svg);
    QVERIFY(renamed.contains('#' + id));
    QCOMPARE(renamed.count(id), 1 + reference.count("#x"));
}

void TestSvgIds::names_anyCounters_giveTheSameText()
{
    const char* const first = "<g id=\"surface7\"><use xlink:href=\"#image9\"/></g><image id=\"image9\"/>";
    const char* const second =
        "<g id=\"surface41\"><use xlink:href=\"#image57\"/></g><image id=\"image57\"/>";
    QCOMPARE(named(first), named(second));
    // The smallest difference anywhere, and no id is the same.
    const char* const other = "<g id=\"surface7\"><use xlink:href=\"#image9\"/></g><image id=\"image9\" />";
    for (const QString& id : idsOf(named(first)))
        QVERIFY(!named(other).contains(id));
}

void TestSvgIds::figures_different_shareNoId()
{
    QSet<QString> all;
    for (const HeatmapFigureOptions& options : m_figures) {
        const QString svg = svgOf(options);
        const QStringList ids = idsOf(svg);
        const QSet<QString> own(ids.begin(), ids.end());
        QVERIFY(own.size() > 30);
        QCOMPARE(own.size(), ids.size());
        QVERIFY2(!own.intersects(all), qPrintable(QStringList((own & all).values()).join(' ')));
        all += own;
        const QStringList references = referencesOf(svg);
        QVERIFY(references.size() > 100);
        for (const QString& reference : references)
            QVERIFY2(own.contains(reference), qPrintable(reference));
        QVERIFY(svgOf(options) == svg); // the same figure, whatever cairo has counted meanwhile
    }
}

void TestSvgIds::figures_inOnePage_lookAsEachAlone()
{
    const QString nothing = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for (std::size_t i = 0; i + 1 < 8; i += 2) {
        const QString a = svgOf(m_figures[i]);
        const QString b = svgOf(m_figures[i + 1]);
        const Pixels both = renderedPage({a, b});
        QVERIFY(both.width > 900);
        const std::uint32_t middle = both.width / 2;
        const auto left = both.columns(0, middle);
        const auto right = both.columns(middle, both.width);
        QVERIFY(left == renderedPage({a, nothing}).columns(0, middle));
        QVERIFY(right == renderedPage({nothing, b}).columns(middle, both.width));
        QVERIFY(left != right);
    }
}

QTEST_GUILESS_MAIN(TestSvgIds)
#include "tst_svg_ids.moc"
