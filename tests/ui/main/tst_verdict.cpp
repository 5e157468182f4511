// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/verdict/verdict_text.h"

#include "ui/heads/ragged_trace.h"
#include "ui/main/kept_trace.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestVerdict : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const
    {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }

private slots:
    void exact_hasNoInterval()
    {
        const auto trace =
            writeHeads(file("exact.hwt"), {{0.99, 0.99, 0.99}, {0.97, 0.97, 0.97}}, Normaliser::Exact, {});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const auto verdict = verdictTextOf(**trace);
        QVERIFY(verdict.has_value());
        QVERIFY(verdict->isExact);
        QCOMPARE(verdict->pill, QString("map holds 98.0 % of attention"));
        QVERIFY(verdict->isGood);
        QVERIFY(verdict->held.contains("25.0 %"));
        QVERIFY(verdict->behaviour.contains("not checked"));
        QVERIFY(!(verdict->held + verdict->behaviour).contains("faithful"));
    }

    void kept_addsIndependentIntervals()
    {
        // Half widths 0.006 and 0.008 of a mean of two: sqrt(0.006² + 0.008²) / 2 = 0.005.
        const auto trace = writeHeads(file("kept.hwt"), {{0.964, 0.958, 0.970}, {0.964, 0.956, 0.972}},
                                      Normaliser::Kept, {});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const auto verdict = verdictTextOf(**trace);
        QVERIFY(!verdict->isExact);
        QVERIFY(std::abs(verdict->kept.hi - verdict->kept.mean - 0.005) < 1e-9);
        QCOMPARE(verdict->pill, QString("map holds 96.4 % ± 0.5 of attention"));
    }

    void narrowInterval_asPrinted_holdsTheTrueMean()
    {
        // The mean floored to one decimal beside "± 0.02" was an interval without the truth in it.
        const auto narrow =
            writeHeads(file("narrow.hwt"), {{0.90990, 0.909696, 0.910104}}, Normaliser::Kept, {});
        QVERIFY2(narrow.has_value(), narrow ? "" : narrow.error().text().c_str());
        const auto verdict = verdictTextOf(**narrow);
        QCOMPARE(verdict->pill, QString("map holds 90.99 % ± 0.03 of attention"));
        QCOMPARE(verdict->shortPill, QString("holds 90.99 %"));
        QCOMPARE(verdict->number, QString("90.99 %"));
        QVERIFY2(verdict->held.startsWith("The map holds 90.99 % ± 0.03 of"), qPrintable(verdict->held));
        const auto wide = writeHeads(file("wide.hwt"), {{0.6095, 0.6041, 0.6149}}, Normaliser::Kept, {});
        QVERIFY(wide.has_value());
        QCOMPARE(verdictTextOf(**wide)->pill, QString("map holds 61.0 % ± 0.6 of attention"));
    }

    void estimates_sayThatTheyAre()
    {
        const auto kept = writeHeads(file("estimate.hwt"), {{0.9, 0.88, 0.92}}, Normaliser::Kept, {});
        QVERIFY(kept.has_value());
        const QString held = verdictTextOf(**kept)->held;
        QVERIFY2(held.contains("about 25.0 % lies in content")
                     && held.contains("estimated from the same rows")
                     && held.contains("probe rows (0 a head at least)"),
                 qPrintable(held));
        const auto exact = writeHeads(file("measured.hwt"), {{0.9, 0.9, 0.9}}, Normaliser::Exact, {});
        QVERIFY(exact.has_value());
        QVERIFY(!verdictTextOf(**exact)->held.contains("about")
                && !verdictTextOf(**exact)->held.contains("probe"));
    }

    void everyPromptRowProbed_hasNoInterval()
    {
        const auto trace =
            writeHeads(file("probed.hwt"), {{0.83838, 0.83838, 0.83838}}, Normaliser::Kept, {});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const auto verdict = verdictTextOf(**trace);
        QCOMPARE(verdict->pill, QString("map holds 83.8 % of attention"));
        QVERIFY2(verdict->held.endsWith("Every row of the prompt was measured, none of the answer."),
                 qPrintable(verdict->held));
    }

    void aGoingRun_speaksOfItsLayersAlone()
    {
        auto writer = beginRaggedTrace(file("going.hwt"), {2, 2, 2, 2});
        QVERIFY2(writer.has_value(), writer ? "" : writer.error().text().c_str());
        for (int layer = 0; layer < 3; ++layer)
            QVERIFY(writeRaggedLayer(*writer, layer, 2).has_value());
        const auto trace = Trace::open(file("going.hwt"));
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const auto verdict = verdictTextOf(**trace);
        QCOMPARE(verdict->pill, QString("3 of 4 layers hold %1").arg(verdict->number));
        QVERIFY2(verdict->held.startsWith("3 of 4 layers are recorded; they hold"),
                 qPrintable(verdict->held));
        QVERIFY(!verdict->pill.contains("map") && !verdict->isGood);
        // What a narrow bar cuts off is the end.
        QVERIFY2(subjectOf(**trace).startsWith("6 of 8 heads"), qPrintable(subjectOf(**trace)));
    }

    void almostEverything_isNotRoundedUpToAll()
    {
        const auto trace =
            writeHeads(file("almost.hwt"), {{0.99996, 0.99996, 0.99996}}, Normaliser::Exact, {});
        QVERIFY(trace.has_value());
        QCOMPARE(verdictTextOf(**trace)->pill, QString("map holds 99.9 % of attention"));
    }

    void unknownKeptMass_isNeitherNothingNorAll()
    {
        const double unknown = std::nan("");
        const auto trace =
            writeHeads(file("unknown.hwt"), {{0.99, 0.98, 1.0}, {unknown, unknown, unknown}},
                       Normaliser::Kept, {{"kept", true}, {"kl_mean", nullptr}, {"top1_agreement", nullptr}});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const auto verdict = verdictTextOf(**trace);
        QVERIFY(verdict.has_value());
        QCOMPARE(verdict->pill, QString("what the map holds is unknown"));
        QVERIFY2(verdict->held.contains("1 of 2 global heads"), qPrintable(verdict->held));
        QVERIFY(!verdict->isGood);
        const QString all = verdict->pill + verdict->held + verdict->behaviour;
        for (const char* wrong : {"nan", " 0.0 %", "100.0 %"})
            QVERIFY2(!all.contains(QLatin1String(wrong)), qPrintable(all));
    }

    void unknownInterval_isSaid()
    {
        const double unknown = std::nan("");
        const auto trace = writeHeads(file("interval.hwt"), {{0.9, unknown, unknown}}, Normaliser::Kept, {});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        QCOMPARE(verdictTextOf(**trace)->pill, QString("map holds 90.0 % ± unknown of attention"));
    }

    void lostBehaviour_isNotGood()
    {
        const auto trace = writeHeads(file("lost.hwt"), {{0.99, 0.99, 0.99}}, Normaliser::Exact,
                                      {{"kept", false},
                                       {"dense", " 7421"},
                                       {"masked", " 12"},
                                       {"kl_mean", 0.5},
                                       {"top1_agreement", 0.9375},
                                       {"rows", 64}});
        QVERIFY(trace.has_value());
        const auto verdict = verdictTextOf(**trace);
        QVERIFY(!verdict->isGood);
        QVERIFY2(verdict->behaviour.contains("7421") && verdict->behaviour.contains("93.8 %"),
                 qPrintable(verdict->behaviour));
    }

    void answerPlace_prefersTheCopy_andRefusesWhatIsNotThere()
    {
        const auto read = [](int row, int key, int head, bool copies) {
            return nlohmann::json{
                {"row", row}, {"key", key}, {"layer", 0}, {"head", head}, {"copies", copies}};
        };
        const std::vector<Interval> kept(2, Interval{0.99, 0.99, 0.99});
        const auto open = [&](const char* name, const nlohmann::json& reads) {
            return writeHeads(file(name), kept, Normaliser::Exact, {}, reads);
        };
        const auto copied = open("copied.hwt", {read(100, 3, 0, false), read(101, 40, 1, true)});
        QVERIFY(copied.has_value());
        const auto place = answerPlaceOf(**copied);
        QVERIFY(place.has_value());
        QVERIFY(*place->head == (HeadId{0, 1}));
        QCOMPARE(*place->query, 101u);
        QCOMPARE(*place->key, 40u);
        const auto hostile = open(
            "hostile.hwt",
            {read(128, 3, 0, true), read(5, 6, 0, true), read(9, 1, 7, true), read(-1, 0, 0, true), "x"});
        QVERIFY(hostile.has_value());
        QVERIFY(!answerPlaceOf(**hostile));
        const auto none = open("none.hwt", {});
        QVERIFY(none.has_value());
        QVERIFY(!answerPlaceOf(**none));
    }

    void subject_namesModelTokensSelectionAndForward()
    {
        const auto trace = writeHeads(file("subject.hwt"), {{0.99, 0.99, 0.99}}, Normaliser::Exact, {});
        QVERIFY(trace.has_value());
        QCOMPARE(subjectOf(**trace), QString("SmolLM2 135M · 128 tokens · exact · observed"));
    }
};

QTEST_APPLESS_MAIN(TestVerdict)
#include "tst_verdict.moc"
