// SPDX-License-Identifier: Apache-2.0
// Slow: a million tokens, and death at any moment.
#include "tests/cli/killed_run.h"

#include <QFileInfo>
#include <QTemporaryDir>

using namespace headwater::test;

class TstEndurance : public QObject {
    Q_OBJECT

private:
    QString file(const QString& name) const { return m_folder.filePath(name); }

    Outcome run(const QStringList& arguments) { return runHeadwater(arguments, m_folder.path()); }

    QTemporaryDir m_folder;

private slots:
    /// Where a fixed fan-out of the content tree once lost the records: many decoys, no power of 32.
    void quarterMillion_amongDecoys_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed : {1, 2, 3})
            QTest::addRow("seed %d", seed) << seed;
    }
    void quarterMillion_amongDecoys()
    {
        QFETCH(int, seed);
        const Outcome made = run({"bench", "--make-prompt", "262144", "--decoys", "64", "--seed",
                                  QString::number(seed), "-o", file("q.txt"), "--json"});
        QCOMPARE(made.code, 0);
        const Outcome outcome = run(
            {"run", "--model", "builtin:needle", "--prompt", file("q.txt"), "-o", file("q.hwt"), "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json()["select"].toString(), QString("tree"));
        QCOMPARE(outcome.json()["generated"].toObject()["text"].toString(), made.json()["answer"].toString());
    }

    void million_rightAnswerInFourGibibytes()
    {
        const Outcome made =
            run({"bench", "--make-prompt", "1048576", "--decoys", "64", "-o", file("m.txt"), "--json"});
        QCOMPARE(made.code, 0);
        const Outcome outcome = run(
            {"run", "--model", "builtin:needle", "--prompt", file("m.txt"), "-o", file("m.hwt"), "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json()["select"].toString(), QString("tree"));
        QCOMPARE(outcome.json()["generated"].toObject()["text"].toString(), made.json()["answer"].toString());
        QVERIFY(outcome.json()["peak_rss_bytes"].toDouble() <= 4.0 * (1 << 30));
        QVERIFY(QFileInfo(file("m.hwt")).size() <= 512 << 20);
        qInfo("%.0f s, peak %.2f GiB, trace %.1f MiB",
              outcome.json()["seconds"].toObject()["total"].toDouble(),
              outcome.json()["peak_rss_bytes"].toDouble() / (1 << 30),
              double(QFileInfo(file("m.hwt")).size()) / (1 << 20));
        QCOMPARE(run({"verify", file("m.hwt")}).code, 0);
    }

    void killed_atFiftyMoments_everyTraceOpens()
    {
        RunKiller killer(m_folder.path());
        killer.prepare(12000);
        for (int round = 0; round < 50 && !QTest::currentTestFailed(); ++round)
            killer.kill(round);
        if (QTest::currentTestFailed())
            return;
        qInfo("%d of 50 left a file, %d opened, %d with finished layers", killer.left(), killer.opened(),
              killer.withLayers());
        QCOMPARE(killer.opened(), killer.left());
        QVERIFY(killer.left() >= 40 && killer.withLayers() > 0);
        for (int round = 0; round < 50; ++round)
            killer.runAgain(round);
    }
};

QTEST_GUILESS_MAIN(TstEndurance)
#include "tst_endurance.moc"
