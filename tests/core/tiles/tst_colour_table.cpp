// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/colour_table.h"

#include "core/base/log_code.h"

#include <QTest>

#include <cmath>

using namespace headwater;

class TestColourTable : public QObject {
    Q_OBJECT

private slots:
    void colormaps_ends_areThePublishedOnes();
    void colourAt_places_areTableEntries();
    void scale_everyUnit_roundTrips_data();
    void scale_everyUnit_roundTrips();
    void edgeCount_everyUnit_roundTrips();
    void colourTable_codes_followTheScale();
};

void TestColourTable::colormaps_ends_areThePublishedOnes()
{
    QCOMPARE(tableOf(Colormap::Magma)[0], 0x000004u);
    QCOMPARE(tableOf(Colormap::Magma)[255], 0xFCFDBFu);
    QCOMPARE(tableOf(Colormap::Viridis)[0], 0x440154u);
    QCOMPARE(tableOf(Colormap::Viridis)[128], 0x21918Cu);
    QCOMPARE(tableOf(Colormap::Viridis)[255], 0xFDE725u);
    QCOMPARE(tableOf(Colormap::Cividis)[0], 0x00224Eu);
    QCOMPARE(tableOf(Colormap::Cividis)[255], 0xFEE838u);
    QCOMPARE(tableOf(Colormap::Greys)[77], 0x4D4D4Du);
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys})
        QVERIFY(colormapNamed(nameOf(map)) == map);
    QVERIFY(!colormapNamed("jet"));
}

void TestColourTable::colourAt_places_areTableEntries()
{
    QVERIFY((colourAt(Colormap::Magma, 0, false) == Rgb{0, 0, 4}));
    QVERIFY((colourAt(Colormap::Magma, 0, true) == Rgb{0xFF, 0xFF, 0xFF}));
    QVERIFY((colourAt(Colormap::Magma, 1, true) == Rgb{0, 0, 4}));
    QVERIFY((colourAt(Colormap::Greys, 0.5, false) == Rgb{128, 128, 128}));
    QVERIFY((colourAt(Colormap::Greys, -3, false) == Rgb{0, 0, 0}));
    QVERIFY((colourAt(Colormap::Greys, 7, false) == Rgb{255, 255, 255}));
    QVERIFY((colourAt(Colormap::Greys, std::nan(""), false) == Rgb{0, 0, 0}));
}

void TestColourTable::scale_everyUnit_roundTrips_data()
{
    QTest::addColumn<bool>("isLogarithmic");
    QTest::newRow("linear") << false;
    QTest::newRow("log") << true;
}

void TestColourTable::scale_everyUnit_roundTrips()
{
    QFETCH(const bool, isLogarithmic);
    const ScaleLimits limits{0.001, 0.5, isLogarithmic};
    for (int i = 0; i <= 100; ++i)
        QVERIFY(std::abs(unitOfValue(limits, valueOfUnit(limits, i / 100.0)) - i / 100.0) < 1e-12);
    QCOMPARE(unitOfValue(limits, 0.0001), 0.0);
    QCOMPARE(unitOfValue(limits, 0.9), 1.0);
    QCOMPARE(unitOfValue({0, 1, true}, 0x1p-12), 0.5);
    QCOMPARE(unitOfValue({0, 1, false}, 0.25), 0.25);
}

void TestColourTable::edgeCount_everyUnit_roundTrips()
{
    for (const double capacity : {1.0, 4.0, 512.0, 65536.0}) {
        for (double count = 1; count <= capacity; count *= 1.7)
            QVERIFY(std::abs(edgeCountOfUnit(unitOfEdgeCount(count, capacity), capacity) / count - 1)
                    < 1e-12);
        QCOMPARE(edgeCountOfUnit(0, capacity), 0.0);
        QCOMPARE(edgeCountOfUnit(1, capacity), capacity);
        QCOMPARE(edgeCountOfUnit(7, capacity), capacity);
    }
}

void TestColourTable::colourTable_codes_followTheScale()
{
    const ScaleLimits limits{1e-3, 1, true};
    const auto colours = colourTable(Colormap::Viridis, false, limits, CellQuantity::Max, 1);
    QVERIFY(colours[0] == colourAt(Colormap::Viridis, 0, false));
    QVERIFY(colours[255] == colourAt(Colormap::Viridis, 1, false));
    for (int code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        const double unit = unitOfValue(limits, static_cast<double>(probabilityOfCode(byte)));
        QVERIFY(colours[byte] == colourAt(Colormap::Viridis, unit, false));
    }
    const auto counts = colourTable(Colormap::Greys, false, limits, CellQuantity::Count, 16);
    QVERIFY((counts[0] == Rgb{0, 0, 0}));
    QVERIFY((counts[countCode(1)] == Rgb{51, 51, 51}));
    QVERIFY((counts[countCode(1000)] == Rgb{255, 255, 255}));
}

QTEST_APPLESS_MAIN(TestColourTable)
#include "tst_colour_table.moc"
