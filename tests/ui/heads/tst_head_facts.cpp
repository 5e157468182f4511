// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/patience.h"
#include "ui/heads/head_panel.h"
#include "ui/heads/kept_mass_chart.h"
#include "ui/heads/order_text.h"
#include "ui/heads/ragged_trace.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/percent_text.h"

#include <QTemporaryDir>
#include <QTest>
#include <QtCharts/QValueAxis>

using namespace headwater;
using namespace headwater::testing;

/// What the heads' panel and the chart below it say in numbers.
class TestHeadFacts : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

private slots:
    void initTestCase()
    {
        auto trace =
            writeRaggedTrace(std::filesystem::path(m_folder.path().toStdString()) / "r.hwt", {5, 1, 3, 4});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void theChartKeepsAPlaceForEveryLayer()
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "layers.hwt";
        auto writer = beginRaggedTrace(path, std::vector<int>(12, 2));
        QVERIFY2(writer.has_value(), writer ? "" : writer.error().text().c_str());
        for (int layer = 0; layer < 3; ++layer)
            QVERIFY(writeRaggedLayer(*writer, layer, 2).has_value());
        Subject subject;
        KeptMassChart chart(&subject);
        chart.resize(300, 120);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart, headwater::test::kPatienceMs));
        const auto place = [&](int layer) {
            return chart.chart()->mapToPosition(QPointF(layer, 50), chart.chart()->series().front());
        };
        const auto early = Trace::open(path);
        QVERIFY(early.has_value());
        subject.setTrace(*early, true);
        QCoreApplication::processEvents();
        QCOMPARE(chart.layers().size(), std::size_t{3});
        const QPointF before = place(2);
        QVERIFY2(before.x() < 100,
                 qPrintable(QString::number(before.x()))); // a third of the way, not the end
        QCOMPARE(chart.namedLayers().front(), 0);
        QVERIFY(chart.namedLayers().size() >= 3);
        QVERIFY(chart.factsOf(3).isEmpty());

        QVERIFY(writeRaggedLayer(*writer, 3, 2).has_value());
        const auto later = Trace::open(path);
        QVERIFY(later.has_value());
        subject.setTrace(*later, true);
        QCoreApplication::processEvents();
        QCOMPARE(place(2), before); // neither along nor up
        // What is printed contains what is known.
        const Interval& mass = chart.layers()[3].mass;
        const QString facts = chart.factsOf(3);
        QVERIFY2(facts.contains(meanOfIntervalText(mass.mean, mass.lo, mass.hi))
                     && facts.endsWith(intervalText(mass.mean, mass.lo, mass.hi)),
                 qPrintable(facts));
    }

    void barsStandOnZeroWhereTheAxisHasNoRoomToSayOnWhat()
    {
        Subject subject;
        KeptMassChart chart(&subject);
        chart.resize(300, 120);
        chart.show();
        subject.setTrace(m_trace);
        const auto* const axis = qobject_cast<QValueAxis*>(chart.chart()->axes(Qt::Vertical).front());
        QVERIFY(axis && !axis->truncateLabels());
        QTRY_VERIFY(axis->min() > 0);
        chart.resize(300, 40);
        QTRY_COMPARE(axis->min(), 0.0);
        chart.resize(300, 120);
        QTRY_VERIFY(axis->min() > 0);
    }

    void theOrdersValueIsUnderTheThumbnailAndInItsTooltip()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.resize(260, 400);
        panel.show();
        subject.setTrace(m_trace);
        const auto picture = [&] { return panel.grid()->viewport()->grab().toImage(); };
        panel.setOrder(HeadOrder::Entropy, true);
        const HeadId first = panel.grid()->headLayout().heads.front();
        const HeadInfo& info = *m_trace->findHead(first.layer, first.head);
        QCOMPARE(orderValueText(HeadOrder::Entropy, info, info.statistics.entropy),
                 QStringLiteral("%1 nat").arg(info.statistics.entropy, 0, 'f', 2));
        const QImage with = picture();
        panel.grid()->setValues({});
        QVERIFY(picture() != with); // the value was drawn

        panel.setOrder(HeadOrder::SelectionMass, true);
        subject.setLocked({990, 107});
        QTRY_COMPARE(panel.grid()->headLayout().heads.front(), (HeadId{1, 0}));
        const auto row = m_trace->loadTokenRow(1, 0, 990);
        const QString read = probabilityText(static_cast<double>(row->probability[1]));
        const QString facts = panel.grid()->factsOf({1, 0});
        QVERIFY2(facts.endsWith(QStringLiteral("\nwhat row 990 gives to key 107: ") + read),
                 qPrintable(facts));
        QVERIFY(panel.grid()->factsOf({2, 1}).endsWith(QStringLiteral(": not held")));
    }

    void sharesOfTheKeptKeys_sayThatTheyAre()
    {
        const auto mixed = writeRaggedTrace(
            std::filesystem::path(m_folder.path().toStdString()) / "mixed.hwt", {2, 2, 3}, 1000, 2);
        QVERIFY2(mixed.has_value(), mixed ? "" : mixed.error().text().c_str());
        const QString keptFacts = headFacts(**mixed, {2, 0});
        QVERIFY2(keptFacts.contains(QStringLiteral("of the kept keys alone (p_masked):\nentropy"))
                     && keptFacts.contains(QStringLiteral("worst of 0 probe rows:")),
                 qPrintable(keptFacts));
        const QString exactFacts = headFacts(**mixed, {0, 0});
        QVERIFY2(!exactFacts.contains(QStringLiteral("kept keys alone"))
                     && exactFacts.contains(QStringLiteral("worst rows:")),
                 qPrintable(exactFacts));
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        subject.setTrace(*mixed);
        for (const HeadOrder order : {HeadOrder::Entropy, HeadOrder::SinkShare, HeadOrder::MeanDistance}) {
            panel.setOrder(order, true);
            QCOMPARE(
                panel.note(),
                QStringLiteral("of the kept keys alone (p_masked) in 3 heads, of all keys (p_model) in 4"));
        }
        panel.setOrder(HeadOrder::KeptMass, true); // true mass in every head
        QVERIFY(panel.note().isEmpty());
    }
};

QTEST_MAIN(TestHeadFacts)
#include "tst_head_facts.moc"
