// SPDX-License-Identifier: Apache-2.0
// The command line that stands for a figure's options makes that figure: the same bytes as the core's own.
#include "core/figure/figure_command.h"

#include "core/figure/heatmap_figure.h"
#include "core/trace/synthetic_trace.h"
#include "tests/cli/headwater_run.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>
#include <random>

using namespace headwater;
using namespace headwater::test;

class TstFigureCommand : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    std::filesystem::path file(const QString& name) const { return m_folder.filePath(name).toStdString(); }
    QByteArray bytesOf(const QString& name) const
    {
        QFile in(m_folder.filePath(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    static HeatmapFigureOptions optionsOf(unsigned seed)
    {
        std::mt19937 random(seed);
        const auto maybe = [&random] { return random() % 2 == 0; };
        HeatmapFigureOptions options;
        options.layer = static_cast<int>(random() % 2);
        options.head = static_cast<int>(random() % 2);
        if (maybe()) {
            options.heads = {{0, 1}, {1, 0}, {1, 1}};
            options.layer = options.head = 0; // they say nothing then
        }
        options.columns = static_cast<std::uint32_t>(random() % 3);
        if (maybe())
            options.queries = TokenRange{1024, 2048};
        if (maybe())
            options.keys = TokenRange{0, 1500};
        if (maybe())
            options.level = 4;
        options.quantity = static_cast<CellQuantity>(random() % 3);
        options.colormap = static_cast<Colormap>(random() % 4);
        options.isReversed = maybe();
        options.limits = maybe() ? ScaleLimits{1.0 / 3e3, 0.7, true} : ScaleLimits{0, 0.1, false};
        options.widthMm = maybe() ? 171.45 : 500.0 / 3;
        options.pngDpi = 97;
        options.hasLiveText = maybe();
        options.maskSinks = maybe();
        options.maskDiagonal = maybe();
        if (maybe())
            options.markedQueries = {{2047, 2048}}; // recorded, of every head
        if (maybe())
            options.markedKeys = {{12, 13}, {100, 400}};
        options.hasRowMargin = !options.markedQueries.empty() && maybe();
        options.title = maybe() ? "A 'title' of $words" : "";
        options.hasTitle = maybe();
        options.hasCaption = maybe();
        options.hasBar = maybe();
        return options;
    }

private slots:
    void initTestCase()
    {
        const SyntheticSpec made{"figure", {2048, 8, 8}, 2, 2, 16, 2, 5};
        const auto written = writeSyntheticTrace(file("made.hwt"), made);
        QVERIFY2(written, written ? "" : written.error().text().c_str());
        auto trace = Trace::open(file("made.hwt"));
        QVERIFY(trace);
        m_trace = *trace;
    }

    void anyOptions_giveTheSameBytes_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 24; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }

    void anyOptions_giveTheSameBytes()
    {
        QFETCH(const unsigned, seed);
        const QString ending = QStringList{".pdf", ".svg", ".png"}[static_cast<int>(seed % 3)];
        const HeatmapFigureOptions options = optionsOf(seed);
        const auto written = exportHeatmap(m_trace, options, file("own" + ending));
        QVERIFY2(written, written ? "" : written.error().text().c_str());
        QStringList arguments{"figure", "made.hwt"};
        for (const std::string& argument : figureArguments(options))
            arguments << QString::fromStdString(argument);
        arguments << "--json"
                  << "-o"
                  << "cli" + ending;
        const Outcome outcome = runHeadwater(arguments, m_folder.path(), {}, {});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const auto said = nlohmann::json::parse(outcome.out.toStdString());
        QCOMPARE(said["options"].dump(), toJson(options).dump());
        QCOMPARE(said["caption"].get<std::string>(), written->caption);
        QVERIFY(!bytesOf("own" + ending).isEmpty());
        QVERIFY(bytesOf("own" + ending) == bytesOf("cli" + ending));
    }
};

QTEST_GUILESS_MAIN(TstFigureCommand)
#include "tst_figure_command.moc"
