// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log_code.h"
#include "core/tiles/colour_table.h"
#include "ui/map/colour_lut.h"
#include "ui/map/colour_panel.h"
#include "ui/map/colour_range.h"
#include "ui/map/colour_ticks.h"
#include "ui/map/histogram_columns.h"
#include "ui/map/made_trace.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <numeric>

using namespace headwater;

/// The colour bar: its scale, its histogram, and what stands there where a map is all hatching.
class TestColourBar : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::shared_ptr<const Trace> traceOf(const char* name, Normaliser normaliser) const
    {
        testing::MadeTrace made;
        made.layers = 1;
        made.heads = 1;
        made.normaliser = normaliser;
        auto trace = testing::writeMadeTrace(m_folder.filePath(QLatin1String(name)).toStdString(), made);
        return trace ? *trace : nullptr;
    }

private slots:
    void aCode_coversItsInterval_data()
    {
        QTest::addColumn<bool>("logarithmic");
        QTest::addColumn<bool>("missed");
        QTest::newRow("log") << true << false;
        QTest::newRow("linear") << false << false;
        QTest::newRow("missed, linear") << false << true;
    }

    void aCode_coversItsInterval()
    {
        QFETCH(bool, logarithmic);
        QFETCH(bool, missed);
        CodeHistogram histogram;
        histogram.missed = missed;
        histogram.ofCode.fill(100); // as many of every code: a smooth density, with no gap on any scale
        const std::size_t codes = missed ? 254 : 255; // the unknown are not among them
        const std::vector<double> columns = histogramColumns(histogram, 124, logarithmic);
        const double sum = std::accumulate(columns.begin(), columns.end(), 0.0);
        QVERIFY2(std::abs(sum - 100.0 * static_cast<double>(codes)) < 1e-6, qPrintable(QString::number(sum)));
        // The ends hold what lies beyond them, and the last code has but half an interval below one.
        for (std::size_t i = 2; i < 112; ++i) {
            const double ratio = columns[i + 1] / columns[i];
            const double expected = logarithmic
                ? 1
                : std::log((static_cast<double>(i) + 2) / (static_cast<double>(i) + 1))
                    / std::log((static_cast<double>(i) + 1) / static_cast<double>(i));
            QVERIFY2(columns[i] > 0 && std::abs(ratio - expected) < 0.08,
                     qPrintable(QStringLiteral("%1: %2, %3").arg(i).arg(ratio).arg(expected)));
        }
    }

    void oneCode_staysInItsInterval()
    {
        CodeHistogram histogram;
        histogram.ofCode[probabilityCode(0.5F)] = 7;
        const std::vector<double> columns = histogramColumns(histogram, 1000, false);
        for (std::size_t i = 0; i < columns.size(); ++i)
            QVERIFY(columns[i] == 0 || (i > 460 && i < 540));
        QVERIFY(std::abs(std::accumulate(columns.begin(), columns.end(), 0.0) - 7) < 1e-9);
    }

    void ticks_standWhereTheirValuesAre()
    {
        for (const bool logarithmic : {true, false}) {
            double last = -1;
            for (const ColourTick& tick : colourTicks(MapMode::Max, logarithmic, 1)) {
                QVERIFY(tick.place > last);
                last = tick.place;
                if (!tick.label.isEmpty())
                    QVERIFY(std::abs(shareOfBar(tick.label.toDouble(), logarithmic) - tick.place) < 1e-9);
            }
            QCOMPARE(last, 1.0);
        }
        QCOMPARE(colourTicks(MapMode::Max, true, 1).front().label, QStringLiteral("1e-6"));
        for (const double capacity : {1.0, 16.0, 1024.0, 1e6}) {
            const std::vector<ColourTick> ticks = colourTicks(MapMode::Count, true, capacity);
            QCOMPARE(ticks.front().label, QStringLiteral("0"));
            for (const ColourTick& tick : ticks) {
                const double count = QString(tick.label).remove(QChar(0x2009)).toDouble();
                QVERIFY(std::abs(unitOfEdgeCount(count, capacity) - tick.place) < 1e-9);
            }
            QCOMPARE(ticks.back().place, 1.0);
        }
    }

    /// What is not kept is no place on the scale: the ground shows, and its bound stands beside the bar.
    void notKept_isTheGround_andHasItsBound()
    {
        for (const bool dark : {true, false}) {
            const Theme& theme = dark ? darkTheme() : lightTheme();
            for (const MapMode mode : {MapMode::Max, MapMode::Count, MapMode::Missed}) {
                const ColourLut lut = makeColourLut({}, mode, 16, theme);
                QCOMPARE(lut.ofCode[0] == lut.background, !dark || mode != MapMode::Missed);
                // Kept, however little. A light scale begins at the ground itself.
                QCOMPARE(lut.ofCode[probabilityCode(1e-6F)] == lut.background,
                         !dark && mode != MapMode::Count);
                QVERIFY(lut.ofCode[probabilityCode(1e-3F)] != lut.background);
            }
        }
        const std::shared_ptr<const Trace> exact = traceOf("bound.hwt", Normaliser::Exact);
        const std::shared_ptr<const Trace> kept = traceOf("unmeasured.hwt", Normaliser::Kept);
        QVERIFY(exact && kept);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        tiles.setSurface({300, 300}, 1);
        ColourPanel panel(&subject, &look, &tiles);
        panel.show();
        auto* const words = panel.findChild<QLabel*>("colourNotKept");
        QVERIFY(words);
        subject.setTrace(exact);
        look.setViewport({0, 0, 4, 1});
        // 0.002 of every row, stored as the binary16 above it.
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: at most 0.00201 a key"));
        look.setMode(MapMode::Missed);
        QVERIFY(words->isHidden());
        look.setMode(MapMode::Count); // its ground is the same
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: at most 0.00201 a key"));
        subject.setTrace(kept);
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: not measured row by row"));
        subject.setTrace(exact);
        QCOMPARE(words->text(), QStringLiteral("not kept: …")); // not the bound of another
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: at most 0.00201 a key"));
        look.setMode(MapMode::Max);
        subject.setTrace(kept);
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: not measured row by row"));
    }

    void hiddenLegend_readsNothing_shownCatchesUp()
    {
        const std::shared_ptr<const Trace> exact = traceOf("unseen.hwt", Normaliser::Exact);
        QVERIFY(exact);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        tiles.setSurface({300, 300}, 1);
        ColourPanel panel(&subject, &look, &tiles);
        auto* const words = panel.findChild<QLabel*>("colourNotKept");
        const auto isReading = [&panel] {
            const auto jobs = panel.findChildren<BackgroundJob*>();
            return std::any_of(jobs.begin(), jobs.end(),
                               [](const BackgroundJob* job) { return job->isRunning(); });
        };
        subject.setTrace(exact);
        QVERIFY(!isReading());
        look.setViewport({0, 0, 0.1, 1}); // the inside of blocks
        QTRY_VERIFY(tiles.source());
        QVERIFY(!isReading());
        panel.show();
        QVERIFY(isReading());
        QTRY_COMPARE(words->text(), QStringLiteral("not kept: at most 0.00201 a key"));
        QCOMPARE(panel.findChild<QLabel*>("colourQuantity")->text(),
                 QStringLiteral("p_model · selection exact"));
    }

    void hatching_isNamedOnScreen()
    {
        const std::shared_ptr<const Trace> kept = traceOf("kept.hwt", Normaliser::Kept);
        QVERIFY(kept);
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        ColourPanel panel(&subject, &look, &tiles);
        panel.show();
        panel.resize(300, 220);
        auto* const range = panel.findChild<ColourRange*>();
        subject.setTrace(kept);
        QVERIFY(range->hatchLegend().isEmpty()); // the map of its largest probabilities has colours
        look.setMode(MapMode::Missed);
        // Kept 0.964 in [0.962, 0.966].
        QCOMPARE(
            range->hatchLegend(),
            QStringLiteral("hatched: not measured row by row; the head misses 3.6 % (95 %: 3.4 to 3.8 %)"));
        range->setPalette(paletteOf(darkTheme()));
        panel.show();
        const QImage image = range->grab().toImage();
        int hatched = 0;
        for (int y = 2; y < 16; ++y) {
            for (int x = 8; x < 20; ++x)
                hatched += QColor(image.pixel(x, y)) == darkTheme().faint ? 1 : 0;
        }
        QVERIFY2(hatched > 20, qPrintable(QString::number(hatched))); // a piece of it stands beside the words

        const std::shared_ptr<const Trace> exact = traceOf("exact.hwt", Normaliser::Exact);
        QVERIFY(exact);
        subject.setTrace(exact);
        QVERIFY(range->hatchLegend().isEmpty());
    }
};

QTEST_MAIN(TestColourBar)
#include "tst_colour_bar.moc"
