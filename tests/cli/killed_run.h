// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTest>

/// Runs of `builtin:needle` that are killed, and what they leave.
namespace headwater::test {

/// Kills engines in one folder at moments spread over a run, every second one in the first 20 ms of its
/// trace, and every third one over an older sealed trace. After each: no file, or one that opens, is whole
/// and lists the layers that the engine had told, or one more that it had committed and not yet told.
class RunKiller {
public:
    explicit RunKiller(const QString& folder)
        : m_folder(folder)
    {
    }

    /// Makes the prompt (`tokens` long) and the older trace, and takes the time of a whole run.
    void prepare(int tokens)
    {
        QCOMPARE(run({"bench", "--make-prompt", QString::number(tokens), "-o", "k.txt"}).code, 0);
        QCOMPARE(run({"bench", "--make-prompt", QString::number(kOldTokens), "-o", "old.txt"}).code, 0);
        QCOMPARE(run({"run", "--model", "builtin:needle", "--prompt", "old.txt", "-o", "old.hwt"}).code, 0);
        m_oldTokens = info("old.hwt").json()["tokens"].toInt();
        QElapsedTimer whole;
        whole.start();
        start("whole.hwt");
        while (m_engine.waitForReadyRead(60000)) {
            m_told += m_engine.readAllStandardOutput();
            if (m_told.contains("\"result\""))
                break;
        }
        m_wholeMs = static_cast<int>(whole.elapsed());
        end();
        QCOMPARE(toldLayers(), info("whole.hwt").json()["layers"].toInt());
    }

    void kill(int round)
    {
        const QString trace = QString("k%1.hwt").arg(round);
        const bool hasOld = round % 3 == 2;
        if (hasOld)
            QVERIFY(QFile::copy(path("old.hwt"), path(trace)));
        start(trace);
        if (round % 2 == 0) {
            QElapsedTimer patience;
            patience.start();
            const QString first = hasOld ? trace + ".part" : trace;
            while (!QFile::exists(path(first)) && patience.elapsed() < m_wholeMs)
                m_engine.waitForReadyRead(0);
            QTest::qSleep(m_random.bounded(20));
        } else {
            QTest::qWait(m_random.bounded(m_wholeMs));
        }
        end();
        check(trace, hasOld);
        if (QTest::currentTestFailed())
            qWarning("round %d, %d layers told", round, toldLayers());
    }

    /// A run over what a kill left works, and what it left beside is gone.
    void runAgain(int round)
    {
        const QString trace = QString("k%1.hwt").arg(round);
        const Outcome outcome = run({"run", "--model", "builtin:needle", "--prompt", "old.txt", "-o", trace});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QVERIFY(info(trace).json()["sealed"].toBool());
        QCOMPARE(QDir(m_folder).entryList({trace + "*"}, QDir::Files | QDir::Hidden), QStringList{trace});
    }

    int left() const { return m_left; } ///< kills at which a file stood at the name
    int opened() const { return m_opened; }
    int withLayers() const { return m_withLayers; }

private:
    static constexpr int kOldTokens = 2000;

    QString path(const QString& name) const { return m_folder + "/" + name; }
    Outcome run(const QStringList& arguments) const { return runHeadwater(arguments, m_folder); }
    Outcome info(const QString& trace) const { return run({"info", trace, "--json"}); }

    void start(const QString& trace)
    {
        m_told.clear();
        m_engine.setWorkingDirectory(m_folder);
        m_engine.start(headwaterProgram(), {"serve"});
        QVERIFY(m_engine.waitForStarted());
        const QJsonObject params{
            {"model", "builtin:needle"}, {"prompt_file", "k.txt"}, {"output", trace}, {"select", "exact"}};
        const QByteArray body =
            QJsonDocument(QJsonObject{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "run"}, {"params", params}})
                .toJson();
        m_engine.write("Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        QVERIFY(m_engine.waitForBytesWritten());
    }

    void end()
    {
        send(m_engine, SIGKILL);
        m_engine.waitForFinished(-1);
        m_told += m_engine.readAllStandardOutput();
    }

    int toldLayers() const { return static_cast<int>(m_told.count("\"finished_layer\":")); }

    void check(const QString& trace, bool hasOld)
    {
        const int told = toldLayers();
        QVERIFY(!m_told.contains("\"error\""));
        if (!QFile::exists(path(trace))) {
            QVERIFY(!hasOld && told == 0);
            return;
        }
        ++m_left;
        const Outcome found = info(trace);
        QVERIFY2(found.code == 0, found.err.constData());
        ++m_opened;
        const int layers = found.json()["finished_layers"].toInt(-1);
        const Outcome verified = run({"verify", trace, "--json"});
        QVERIFY2(verified.code == 0, verified.out.constData());
        QCOMPARE(verified.json()["finished_layers"].toInt(), layers);
        if (found.json()["tokens"].toInt() == m_oldTokens) {
            QVERIFY(hasOld && told == 0);
            return;
        }
        QVERIFY2(layers == told || layers == told + 1,
                 qPrintable(QString("%1 layers, %2 told").arg(layers).arg(told)));
        m_withLayers += layers > 0 ? 1 : 0;
    }

    QString m_folder;
    QProcess m_engine;
    QByteArray m_told; ///< all that the engine said
    QRandomGenerator m_random{20};
    int m_oldTokens = 0;
    int m_wholeMs = 0;
    int m_left = 0;
    int m_opened = 0;
    int m_withLayers = 0;
};

} // namespace headwater::test
