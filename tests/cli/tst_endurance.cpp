// SPDX-License-Identifier: Apache-2.0
// Slow: a million tokens, and death at any moment.
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

class TstEndurance : public QObject {
    Q_OBJECT

private:
    struct Outcome {
        int code = -1;
        QJsonObject json;
        QByteArray err;
    };

    static QString program() { return QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"); }
    QString file(const QString& name) const { return m_folder.filePath(name); }

    Outcome run(const QStringList& arguments)
    {
        QProcess process;
        process.start(program(), arguments);
        if (!process.waitForFinished(3000000))
            return {};
        return {process.exitCode(), QJsonDocument::fromJson(process.readAllStandardOutput()).object(),
                process.readAllStandardError()};
    }

    QTemporaryDir m_folder;

private slots:
    void million_rightAnswerInFourGibibytes()
    {
        const Outcome made = run({"bench", "--make-prompt", "1048576", "--decoys", "64", "-o", file("m.txt"), "--json"});
        QCOMPARE(made.code, 0);
        const Outcome outcome = run({"run", "--model", "builtin:needle", "--prompt", file("m.txt"), "-o", file("m.hwt"), "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json["select"].toString(), QString("tree"));
        QCOMPARE(outcome.json["generated"].toObject()["text"].toString(), made.json["answer"].toString());
        QVERIFY(outcome.json["peak_rss_bytes"].toDouble() <= 4.0 * (1 << 30));
        QVERIFY(QFileInfo(file("m.hwt")).size() <= 512 << 20);
        qInfo("%.0f s, peak %.2f GiB, trace %.1f MiB", outcome.json["seconds"].toObject()["total"].toDouble(),
              outcome.json["peak_rss_bytes"].toDouble() / (1 << 30), double(QFileInfo(file("m.hwt")).size()) / (1 << 20));
        QCOMPARE(run({"verify", file("m.hwt")}).code, 0);
    }

    void killed_atFiftyMoments_finishedLayersStay()
    {
        QCOMPARE(run({"bench", "--make-prompt", "12000", "-o", file("k.txt")}).code, 0);
        QRandomGenerator random(20);
        int opened = 0;
        int withLayers = 0;
        for (int round = 0; round < 50; ++round) {
            const QString trace = file(QString("k%1.hwt").arg(round));
            QProcess process;
            process.start(program(), {"run", "--model", "builtin:needle", "--prompt", file("k.txt"), "-o", trace, "--select", "exact"});
            QVERIFY(process.waitForStarted());
            QTest::qWait(random.bounded(1, 2500));
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            process.waitForFinished();
            if (!QFile::exists(trace))
                continue; // killed before it began
            const Outcome info = run({"info", trace, "--json"});
            // Before the first commit there is nothing to open: an error that says so, never a crash.
            if (info.code != 0) {
                QVERIFY(info.code == 65 || info.code == 66 || info.code == 74);
                continue;
            }
            ++opened;
            const int layers = info.json["finished_layers"].toInt();
            withLayers += layers > 0 ? 1 : 0;
            QVERIFY(layers >= 0 && layers <= 3);
            QCOMPARE(run({"verify", trace}).code, 0);
        }
        qInfo("%d of 50 opened, %d with finished layers", opened, withLayers);
        QVERIFY(opened >= 25);
    }
};

QTEST_GUILESS_MAIN(TstEndurance)
#include "tst_endurance.moc"
