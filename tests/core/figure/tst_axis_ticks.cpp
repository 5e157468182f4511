// SPDX-License-Identifier: Apache-2.0
#include "core/figure/axis_ticks.h"

#include <QTest>
#include <cmath>

using namespace headwater;

class TestAxisTicks : public QObject {
    Q_OBJECT

private slots:
    void tokenTicks_ranges_areRoundAndFew();
    void scaleTicks_logarithmic_areDecadesAndEnds();
    void scaleTicks_linear_areRoundAndEnds();
    void scaleTicks_ends_areExact_data();
    void scaleTicks_ends_areExact();
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
    QCOMPARE(labelsOf(tokenTicks(0, 8000, tokenStep(0, 8000, 5))),
             QStringList({"0", "2\u2009000", "4\u2009000", "6\u2009000", "8\u2009000"}));
    QCOMPARE(labelsOf(tokenTicks(7, 13, tokenStep(7, 13, 6))),
             QStringList({"7", "8", "9", "10", "11", "12", "13"}));
    for (const double to : {3.0, 17.0, 999.0, 4096.0, 1048576.0}) {
        for (const std::size_t most : {2u, 5u, 9u}) {
            const auto ticks = tokenTicks(to / 3, to, tokenStep(to / 3, to, most));
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

void TestAxisTicks::scaleTicks_ends_areExact_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<bool>("isLogarithmic");
    QTest::addColumn<QStringList>("labels");
    const auto row = [](const char* name, double low, double high, bool isLogarithmic, QStringList labels) {
        QTest::newRow(name) << low << high << isLogarithmic << labels;
    };
    row("about a tenth", 0.09999, 0.1001, true, {"0.09999", "10⁻¹", "0.1001"});
    row("about a tenth, linear", 0.09999, 0.1001, false, {"0.09999", "0.1", "0.10005", "0.1001"});
    row("beside a thousandth", 0.001, 0.0010001, true, {"10⁻³", "0.0010001"});
    row("beside a half, linear", 0.5, 0.50002, false, {"0.5", "0.500005", "0.50001", "0.500015", "0.50002"});
    row("below one", 0.1, 0.9999999, true, {"0.1", "0.9999999"});
    row("of five digits", 0.00033333, 0.5, true, {"3.3333·10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "0.5"});
    row("nearly the next power", 0.00099999, 0.5, true, {"9.9999·10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "0.5"});
    row("powers among plain numbers", 0.01, 0.05, false, {"0.01", "0.02", "0.03", "0.04", "0.05"});
    row("small, linear", 0, 1e-5, false, {"0", "2·10⁻⁶", "4·10⁻⁶", "6·10⁻⁶", "8·10⁻⁶", "10⁻⁵"});
    // More than eight digits: rounded into the scale, as far as it takes to tell ticks apart.
    row("2 to the -24", 0, 1e-5, true, {"6·10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵"});
    row("up at the low end", 0.1234567891, 0.5, true, {"0.13", "0.5"});
    row("down at the high end", 0.2, 0.98765432109, true, {"0.2", "0.98"});
    row("not as far as the tick beside it", 0.0999999991, 0.5, true, {"0.0999999991", "10⁻¹", "0.5"});
    row("from one another", 0.12345678911, 0.12345678922, true, {"0.1234567892", "0.12345678922"});
    row("as close as numbers can be", 0.5, std::nextafter(0.5, 1), false, {"0.5", "0.5000000000000001"});
}

void TestAxisTicks::scaleTicks_ends_areExact()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(bool, isLogarithmic);
    QFETCH(QStringList, labels);
    QCOMPARE(labelsOf(scaleTicks({low, high, isLogarithmic}, 5)), labels);
}

QTEST_APPLESS_MAIN(TestAxisTicks)
#include "tst_axis_ticks.moc"
