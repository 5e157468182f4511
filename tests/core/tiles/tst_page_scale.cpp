// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/page_scale.h"

#include "core/tiles/colormap.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace headwater;

class TestPageScale : public QObject {
    Q_OBJECT

private slots:
    void lab_knownColours_areTheStandards();
    void lab_everyGreyAndTableEntry_comesBack();
    void pageScale_anyMap_data();
    void pageScale_anyMap();

private:
    static double difference(const Lab& a, const Lab& b)
    {
        return std::hypot(a.lightness - b.lightness, a.a - b.a, a.b - b.b);
    }
    /// WCAG 2.1's contrast of two lightnesses; their Y is CIELAB's.
    static double contrast(double lighter, double darker)
    {
        const auto luminance = [](double lightness) {
            return lightness > 8 ? std::pow((lightness + 16) / 116, 3) : lightness / 903.3;
        };
        return (luminance(lighter) + 0.05) / (luminance(darker) + 0.05);
    }
};

/// Published values of the sRGB primaries in CIELAB under D65 (Lindbloom's calculator).
void TestPageScale::lab_knownColours_areTheStandards()
{
    const auto isAbout = [](std::uint32_t colour, const Lab& expected) {
        return difference(labOf(colour), expected) < 0.05;
    };
    QVERIFY(isAbout(0xFFFFFF, {100, 0, 0}));
    QVERIFY(isAbout(0x000000, {0, 0, 0}));
    QVERIFY(isAbout(0xFF0000, {53.24, 80.09, 67.20}));
    QVERIFY(isAbout(0x00FF00, {87.73, -86.18, 83.18}));
    QVERIFY(isAbout(0x0000FF, {32.30, 79.19, -107.86}));
}

void TestPageScale::lab_everyGreyAndTableEntry_comesBack()
{
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys}) {
        for (const std::uint32_t colour : tableOf(map))
            QCOMPARE(colourOf(labOf(colour)), colour);
    }
}

void TestPageScale::pageScale_anyMap_data()
{
    QTest::addColumn<int>("map");
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys})
        QTest::newRow(nameOf(map)) << static_cast<int>(map);
}

void TestPageScale::pageScale_anyMap()
{
    QFETCH(const int, map);
    const auto darkToLight = tableOf(static_cast<Colormap>(map));
    const auto scale = pageScale(darkToLight);
    QCOMPARE(scale.front(), 0xFFFFFFu); // the page: nothing is not seen
    QCOMPARE(scale.back(), darkToLight.front()); // much is as dark as the map goes
    const double span = 100 - labOf(scale.back()).lightness;
    double leastStep = 1e9;
    double mostStep = 0;
    for (std::size_t i = 0; i < scale.size(); ++i) {
        const double lightness = labOf(scale[i]).lightness;
        // Bytes and the edge of sRGB move a colour by up to half an L*.
        QVERIFY2(std::abs(lightness - (100 - span * static_cast<double>(i) / 255)) < 0.75,
                 qPrintable(QStringLiteral("entry %1").arg(i)));
        if (i == 0)
            continue;
        QVERIFY(lightness <= labOf(scale[i - 1]).lightness);
        if (i >= 16) {
            const double step = difference(labOf(scale[i]), labOf(scale[i - 16]));
            leastStep = std::min(leastStep, step);
            mostStep = std::max(mostStep, step);
        }
    }
    // Even to the eye: a sixteenth of the scale is nowhere lost, and nowhere a jump.
    QVERIFY2(leastStep >= span / 17 && mostStep <= 6 * leastStep,
             qPrintable(QStringLiteral("%1 to %2").arg(leastStep).arg(mostStep)));
    // The quietest end is the one of least: colour comes with amount.
    const auto chroma = [&scale](std::size_t i) { return std::hypot(labOf(scale[i]).a, labOf(scale[i]).b); };
    for (std::size_t i = 1; i < 60; ++i)
        QVERIFY(chroma(i) + 0.8 >= chroma(i - 1));
    // The decades of the default scale, 10^-4 to 1, are told apart at the smallest: a cell of one pixel.
    for (std::size_t decade = 0; decade < 4; ++decade) {
        const auto at = [](std::size_t i) {
            return static_cast<std::size_t>(std::lround(static_cast<double>(i) * 63.75));
        };
        const double lighter = labOf(scale[at(decade)]).lightness;
        const double darker = labOf(scale[at(decade + 1)]).lightness;
        QVERIFY2(contrast(lighter, darker) >= 1.6,
                 qPrintable(QStringLiteral("decade %1: %2").arg(decade).arg(contrast(lighter, darker))));
    }
}

QTEST_APPLESS_MAIN(TestPageScale)
#include "tst_page_scale.moc"
