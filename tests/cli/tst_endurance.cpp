// SPDX-License-Identifier: Apache-2.0
// Slow: a million tokens, and death at any moment.
#include "tests/cli/headwater_run.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <optional>

using namespace headwater::test;

class TstEndurance : public QObject {
    Q_OBJECT

private:
    QString file(const QString& name) const { return m_folder.filePath(name); }

    Outcome run(const QStringList& arguments) { return runHeadwater(arguments, m_folder.path()); }

    static QStringList killedRun(const QString& trace)
    {
        return {"run", "--model", "builtin:needle", "--prompt", "k.txt", "-o", trace, "--select", "exact"};
    }

    /// The layers that a reader finds finished; nothing while the trace cannot be opened.
    std::optional<int> finishedLayers(const QString& trace)
    {
        const Outcome info = run({"info", trace, "--json"});
        if (info.code != 0)
            return std::nullopt;
        return info.json()["finished_layers"].toInt(-1);
    }

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

    void killed_atFiftyMoments_finishedLayersStay()
    {
        QCOMPARE(run({"bench", "--make-prompt", "12000", "-o", "k.txt"}).code, 0);
        QElapsedTimer whole;
        whole.start();
        QCOMPARE(run(killedRun("whole.hwt")).code, 0);
        const int wholeMs =
            static_cast<int>(whole.elapsed()); // the moments are spread over a run, however fast the machine
        QRandomGenerator random(20);
        int opened = 0;
        int withLayers = 0;
        for (int round = 0; round < 50; ++round) {
            const QString trace = QString("k%1.hwt").arg(round);
            QProcess process;
            process.setWorkingDirectory(m_folder.path());
            process.start(headwaterProgram(), killedRun(trace));
            QVERIFY(process.waitForStarted());
            QTest::qWait(random.bounded(1, wholeMs));
            const int seen = finishedLayers(trace).value_or(0); // by a reader beside the writer
            send(process, SIGKILL);
            process.waitForFinished();
            const std::optional<int> left = finishedLayers(trace);
            // Only what nobody saw finished may be gone. Before the first commit there is nothing to open.
            QVERIFY2(left.value_or(0) >= seen,
                     qPrintable(
                         QString("%1: %2 layers seen, %3 left").arg(trace).arg(seen).arg(left.value_or(-1))));
            if (!left) {
                QVERIFY(!QFile::exists(file(trace))
                        || run({"info", trace}).code != -1); // an error that says so, never a crash
                continue;
            }
            ++opened;
            withLayers += *left > 0 ? 1 : 0;
            QVERIFY(*left >= 0 && *left <= 3);
            const Outcome verified = run({"verify", trace, "--json"});
            QVERIFY2(verified.code == 0, verified.out.constData());
            QCOMPARE(verified.json()["finished_layers"].toInt(), *left);
        }
        qInfo("%d of 50 opened, %d with finished layers", opened, withLayers);
        QVERIFY(withLayers > 0);
        QVERIFY(opened >= 25);
    }
};

QTEST_GUILESS_MAIN(TstEndurance)
#include "tst_endurance.moc"
