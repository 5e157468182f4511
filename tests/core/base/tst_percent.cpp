// SPDX-License-Identifier: Apache-2.0
#include "core/base/percent.h"

#include <QTest>
#include <cmath>
#include <random>

using namespace headwater;

class TstPercent : public QObject {
    Q_OBJECT

    /// [lo, hi] lies within [from, to], all as printed or in percent, but for a float's rounding: 5e-7 of a
    /// share (and what std::stod and the sums here cost).
    static bool contains(double from, double to, double lo, double hi)
    {
        const double slack = 100 * 5e-7 + 1e-8;
        return from <= lo + slack && to >= hi - slack;
    }

private slots:
    void bounds_areRoundedUp_data()
    {
        QTest::addColumn<double>("bound");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << 0.0 << "0";
        QTest::newRow("a figure of its own") << 0.1 << "0.1";
        QTest::newRow("a hair more") << 0.10001 << "0.101";
        QTest::newRow("the audit's largest") << 0.09998 << "0.1";
        QTest::newRow("small") << 0.0012341 << "0.00124";
        QTest::newRow("smaller") << 1.2345e-5 << "1.24e-5";
        QTest::newRow("the least binary16") << 0x1p-24 << "5.97e-8";
        QTest::newRow("one") << 1.0 << "1";
        QTest::newRow("a sum's rounding above one") << 1.0001 << "1";
    }

    void bounds_areRoundedUp()
    {
        QFETCH(double, bound);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(boundText(bound)), text);
        QVERIFY(text.toDouble() >= std::min(bound, 1.0) * (1 - 1e-12));
    }

    void interval_figures_data()
    {
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("lo");
        QTest::addColumn<double>("hi");
        QTest::addColumn<QString>("says");
        const double nan = std::nan("");
        // The audit's: a mean floored to one decimal beside a half width of two shut the truth out.
        QTest::newRow("narrow") << .90990 << .90990 - .000204 << .90990 + .000204 << "90.99 0.03 90.96 91.02";
        QTest::newRow("half a percent") << .6095 << .6095 - .0054 << .6095 + .0054 << "61.0 0.6 60.4 61.5";
        QTest::newRow("plain figures") << .964 << .962 << .966 << "96.4 0.2 96.2 96.6";
        QTest::newRow("ends in other figures") << .964 << .9616 << .9664 << "96.4 0.3 96.1 96.7";
        QTest::newRow("almost all") << .99996 << .99995 << .99997 << "99.99 0.01 99.99 100.00";
        QTest::newRow("all") << 1.0 << 1.0 << 1.0 << "100.00 0.00 100.00 100.00";
        QTest::newRow("cut at all") << .998 << .99 << 1.0 << "99.8 0.8 99.0 100.0";
        QTest::newRow("all, by means of floats")
            << 1.0 - 1e-8 << 1.0 - 1e-8 << 1.0 << "100.00 0.00 100.00 100.00";
        QTest::newRow("a figure, by means of floats")
            << .964 << .962 - 1e-8 << .966 + 1e-8 << "96.4 0.2 96.2 96.6";
        QTest::newRow("no width") << .5 << .5 << .5 << "50.00 0.00 50.00 50.00";
        QTest::newRow("unknown width") << .9 << nan << nan << "90.0 unknown unknown unknown";
        QTest::newRow("unknown") << nan << nan << nan << "unknown unknown unknown unknown";
    }

    void interval_figures()
    {
        QFETCH(double, mean);
        QFETCH(double, lo);
        QFETCH(double, hi);
        const PercentInterval figures = percentInterval(mean, lo, hi);
        QTEST(QString::fromStdString(figures.mean + ' ' + figures.half + ' ' + figures.lo + ' ' + figures.hi),
              "says");
    }

    void interval_asPrinted_containsTheTrueOne()
    {
        std::mt19937 random(1);
        std::uniform_real_distribution<double> share(0, 1);
        for (int i = 0; i < 20000; ++i) {
            const double mean = share(random);
            const double lo = mean * (1 - std::pow(share(random), 6));
            const double hi = mean + (1 - mean) * std::pow(share(random), 6);
            const PercentInterval kept = percentInterval(mean, lo, hi);
            const PercentInterval missed = percentIntervalOfRest(mean, lo, hi);
            const double middle = std::stod(kept.mean);
            const double half = std::stod(kept.half);
            const double rest = std::stod(missed.mean);
            QVERIFY(contains(middle - half, middle + half, 100 * lo, 100 * hi));
            QVERIFY(contains(std::stod(kept.lo), std::stod(kept.hi), 100 * lo, 100 * hi));
            QVERIFY(contains(std::stod(missed.lo), std::stod(missed.hi), 100 - 100 * hi, 100 - 100 * lo));
            QVERIFY(contains(rest - half, rest + half, 100 - 100 * hi, 100 - 100 * lo));
            QVERIFY(std::abs(middle + rest - 100) < 1e-9);
            // Outwards, not far out: at most one figure more than the mean's own rounding costs.
            const double figure = kept.mean.size() - kept.mean.find('.') == 2 ? 0.1 : 0.01;
            QVERIFY(half < 100 * std::max(hi - mean, mean - lo) + 1.5 * figure + 1e-9);
        }
    }

    void plainShares_data()
    {
        QTest::addColumn<double>("share");
        QTest::addColumn<QString>("down");
        QTest::addColumn<QString>("nearest");
        QTest::addColumn<QString>("up");
        QTest::newRow("content") << .2259 << "22.5"
                                 << "22.6"
                                 << "22.6";
        QTest::newRow("top-1, 60 of 64") << .9375 << "93.7"
                                         << "93.8"
                                         << "93.8";
        QTest::newRow("sink share") << .0379 << "3.7"
                                    << "3.8"
                                    << "3.8";
        QTest::newRow("almost all") << .9996 << "99.9"
                                    << "99.9"
                                    << "100.0";
        QTest::newRow("all") << 1.0 << "100.0"
                             << "100.0"
                             << "100.0";
        QTest::newRow("a float") << static_cast<double>(.964F) << "96.4"
                                 << "96.4"
                                 << "96.4";
        QTest::newRow("none") << 0.0 << "0.0"
                              << "0.0"
                              << "0.0";
        QTest::newRow("below none by rounding") << -1e-9 << "0.0"
                                                << "0.0"
                                                << "0.0";
        QTest::newRow("unknown") << std::nan("") << "unknown"
                                 << "unknown"
                                 << "unknown";
    }

    void plainShares()
    {
        QFETCH(double, share);
        QTEST(QString::fromStdString(percentFigure(share, Rounding::Down)), "down");
        QTEST(QString::fromStdString(percentFigure(share, Rounding::Nearest)), "nearest");
        QTEST(QString::fromStdString(percentFigure(share, Rounding::Up)), "up");
    }

    void decimals_asAsked()
    {
        QCOMPARE(percentFigure(.84368, Rounding::Down, 2), std::string("84.36"));
        QCOMPARE(percentFigure(.84368, Rounding::Nearest, 2), std::string("84.37"));
        QCOMPARE(percentFigure(.99999, Rounding::Nearest, 2), std::string("99.99"));
    }
};

QTEST_APPLESS_MAIN(TstPercent)
#include "tst_percent.moc"
