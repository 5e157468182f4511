// SPDX-License-Identifier: Apache-2.0
#include "core/figure/axis_ticks.h"

#include <QTest>

using namespace headwater;

class TestAxisTicks : public QObject {
    Q_OBJECT

private slots:
    void tokenTicks_ranges_areRoundAndFew();
    void scaleTicks_logarithmic_areDecadesAndEnds();
    void scaleTicks_linear_areRoundAndEnds();
    void probabilityLabel_values_areShort();
};

namespace {

QStringList labelsOf(const std::vector<AxisTick>& ticks)
{
    QStringList labels;
    for (const AxisTick& tick : ticks)
        labels << QString::fromStdString(tick.label);
    return labels;
}

} // namespace

void TestAxisTicks::tokenTicks_ranges_areRoundAndFew()
{
    QCOMPARE(labelsOf(tokenTicks(0, 8000, 5)),
             QStringList({"0", "2\u2009000", "4\u2009000", "6\u2009000", "8\u2009000"}));
    QCOMPARE(labelsOf(tokenTicks(7, 13, 6)), QStringList({"7", "8", "9", "10", "11", "12", "13"}));
    for (const double to : {3.0, 17.0, 999.0, 4096.0, 1048576.0}) {
        for (const std::size_t most : {2u, 5u, 9u}) {
            const auto ticks = tokenTicks(to / 3, to, most);
            QVERIFY(!ticks.empty());
            QVERIFY(ticks.size() <= most + 1);
            QVERIFY(ticks.front().value >= to / 3 && ticks.back().value <= to);
        }
    }
}

void TestAxisTicks::scaleTicks_logarithmic_areDecadesAndEnds()
{
    QCOMPARE(labelsOf(scaleTicks({1e-4, 1, true}, 5)), QStringList({"10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"}));
    const auto ticks = scaleTicks({3.5e-5, 0.25, true}, 8);
    QCOMPARE(ticks.front().value, 3.5e-5);
    QCOMPARE(labelsOf(ticks).front(), QString("3.5·10⁻⁵"));
    QCOMPARE(ticks.back().value, 0.25);
    QVERIFY(scaleTicks({0, 1, true}, 5).size() <= 7);
}

void TestAxisTicks::scaleTicks_linear_areRoundAndEnds()
{
    QCOMPARE(labelsOf(scaleTicks({0, 1, false}, 5)), QStringList({"0", "0.2", "0.4", "0.6", "0.8", "1"}));
    QCOMPARE(labelsOf(scaleTicks({0, 0.3, false}, 5)), QStringList({"0", "0.1", "0.2", "0.3"}));
}

void TestAxisTicks::probabilityLabel_values_areShort()
{
    QCOMPARE(probabilityLabel(0), std::string("0"));
    QCOMPARE(probabilityLabel(1), std::string("1"));
    QCOMPARE(probabilityLabel(0.1), std::string("0.1"));
    QCOMPARE(probabilityLabel(0.01), std::string("10⁻²"));
    QCOMPARE(probabilityLabel(0.025), std::string("0.025"));
    QCOMPARE(probabilityLabel(0x1p-24), std::string("6·10⁻⁸"));
}

QTEST_APPLESS_MAIN(TestAxisTicks)
#include "tst_axis_ticks.moc"
