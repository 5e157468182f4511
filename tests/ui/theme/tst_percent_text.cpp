// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/percent_text.h"

#include <QTest>
#include <cmath>

using namespace headwater;

class TestPercentText : public QObject {
    Q_OBJECT
private slots:
    void percent_share_isRoundedDown_data();
    void percent_share_isRoundedDown();
    void percent_everyTenth_showsItselfAlsoAsFloat();
    void lost_andKept_makeHundred();
    void interval_isRoundedOutwards();
};

void TestPercentText::percent_share_isRoundedDown_data()
{
    QTest::addColumn<double>("share");
    QTest::addColumn<QString>("kept");
    QTest::addColumn<QString>("lost");
    const double nan = std::nan("");
    QTest::newRow("all") << 1.0 << "100.0 %"
                         << "100.0 %";
    QTest::newRow("almost all") << 0.9996 << "99.9 %"
                                << "100.0 %";
    QTest::newRow("all but rounding") << 0.99999996 << "100.0 %"
                                      << "100.0 %";
    QTest::newRow("none") << 0.0 << "0.0 %"
                          << "0.0 %";
    QTest::newRow("hardly any") << 0.0004 << "0.0 %"
                                << "0.1 %";
    QTest::newRow("between") << 0.96449 << "96.4 %"
                             << "96.5 %";
    QTest::newRow("above one by rounding") << 1.0000001 << "100.0 %"
                                           << "100.0 %";
    QTest::newRow("unknown") << nan << "unknown"
                             << "unknown";
}

void TestPercentText::percent_share_isRoundedDown()
{
    QFETCH(double, share);
    QTEST(percentText(share), "kept");
    QTEST(lostPercentText(share), "lost");
}

void TestPercentText::percent_everyTenth_showsItselfAlsoAsFloat()
{
    for (int tenths = 0; tenths <= 1000; ++tenths) {
        const QString expected = QStringLiteral("%1.%2 %").arg(tenths / 10).arg(tenths % 10);
        QCOMPARE(percentText(tenths / 1000.0), expected);
        QCOMPARE(percentText(static_cast<double>(static_cast<float>(tenths) / 1000.0F)), expected);
        QCOMPARE(lostPercentText(static_cast<double>(static_cast<float>(tenths) / 1000.0F)), expected);
    }
}

void TestPercentText::lost_andKept_makeHundred()
{
    for (int i = 0; i <= 20000; ++i) {
        const double share = i / 20000.0;
        const double kept = percentText(share).chopped(2).toDouble();
        const double lost = lostPercentText(1 - share).chopped(2).toDouble();
        QVERIFY(std::abs(kept + lost - 100) < 1e-9);
    }
}

void TestPercentText::interval_isRoundedOutwards()
{
    QCOMPARE(nearestPercentText(0.0379), QStringLiteral("3.8 %"));
    QCOMPARE(plusMinusText(0.9099, 0.909696, 0.910104), QStringLiteral("90.99 % ± 0.03"));
    QCOMPARE(meanOfIntervalText(0.9099, 0.909696, 0.910104), QStringLiteral("90.99 %"));
    QCOMPARE(intervalText(0.9099, 0.909696, 0.910104), QStringLiteral("90.96 to 91.02 %"));
    QCOMPARE(lostMeanOfIntervalText(0.9099, 0.909696, 0.910104), QStringLiteral("9.01 %"));
    QCOMPARE(lostIntervalText(0.9099, 0.909696, 0.910104), QStringLiteral("8.98 to 9.04 %"));
    QCOMPARE(plusMinusText(0.9, std::nan(""), std::nan("")), QStringLiteral("90.0 % ± unknown"));
    QCOMPARE(plusMinusText(std::nan(""), 0, 0), QStringLiteral("unknown"));
}

QTEST_MAIN(TestPercentText)
#include "tst_percent_text.moc"
