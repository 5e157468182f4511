// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM, wherever they come; and what a program started by `headwater` inherits.
#include "tests/cli/headwater_run.h"

#include "support/patience.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <csignal>

using namespace headwater::test;

class TstSignals : public QObject {
    Q_OBJECT

private:
    static constexpr std::array kOfTheExplorer = {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ};

    /// A set of signals of /proc/PID/status ("SigBlk").
    static quint64 signalSet(const QByteArray& status, const QByteArray& name)
    {
        const qsizetype at = status.indexOf(name + ':');
        return at < 0 ? 0 : status.mid(at + name.size() + 1).trimmed().left(16).toULongLong(nullptr, 16);
    }

    /// Whether the process has set up what it does with signals: before that, one simply kills it.
    static bool awaitsSignals(const QProcess& process)
    {
        QFile status(QString("/proc/%1/status").arg(process.processId()));
        return status.open(QIODevice::ReadOnly)
            && (signalSet(status.readAll(), "SigBlk") & (1ull << (SIGTERM - 1))) != 0;
    }

    void start(QProcess& process, const QStringList& arguments)
    {
        process.setWorkingDirectory(m_folder.path());
        process.start(headwaterProgram(), arguments);
        QVERIFY(process.waitForStarted());
    }

    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        QCOMPARE(runHeadwater({"bench", "--make-prompt", "60000", "-o", "long.txt"}, m_folder.path()).code,
                 0);
    }

    void run_stops_andLeavesItsFinishedLayers_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
    }

    void run_stops_andLeavesItsFinishedLayers()
    {
        QFETCH(int, signal);
        const QString trace = QString("s%1.hwt").arg(signal);
        QProcess process;
        // Exact over 60 000 tokens: its last layer takes far longer than it takes to see the first one.
        start(process,
              {"run", "--model", "builtin:needle", "--prompt", "long.txt", "--select", "exact", "-o", trace,
               "--json"});
        int seen = 0;
        while (seen == 0 && process.state() == QProcess::Running) {
            seen = runHeadwater({"info", trace, "--json"}, m_folder.path()).json()["finished_layers"].toInt();
            process.waitForFinished(0);
        }
        QVERIFY(seen > 0);
        send(process, signal);
        const Outcome outcome = outcomeOf(process);
        QVERIFY2(outcome.code == 130, outcome.err.constData());
        QCOMPARE(outcome.json()["error"]["code"].toString(), QString("cancelled"));
        QCOMPARE(outcome.json()["error"]["exit_code"].toInt(), 130);
        const Outcome verified = runHeadwater({"verify", trace, "--json"}, m_folder.path());
        QVERIFY2(verified.code == 0, verified.out.constData());
        QVERIFY(!verified.json()["sealed"].toBool());
        QVERIFY(verified.json()["finished_layers"].toInt() >= seen);
        QVERIFY(verified.json()["finished_layers"].toInt() < 3);
    }

    void waitingForStandardInput_endsAtOnce_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("signal");
        QTest::newRow("run") << QStringList{"run", "--model", "builtin:needle", "--prompt", "-", "--json"}
                             << SIGINT;
        QTest::newRow("run, SIGTERM")
            << QStringList{"run", "--model", "builtin:needle", "--prompt", "-", "--json"} << SIGTERM;
        QTest::newRow("generate") << QStringList{"generate", "--model", "builtin:needle",
                                                 "--prompt", "-",       "--json"}
                                  << SIGINT;
        QTest::newRow("tokenize") << QStringList{"tokenize", "--model", "builtin:needle",
                                                 "--prompt", "-",       "--json"}
                                  << SIGINT;
    }

    void waitingForStandardInput_endsAtOnce()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, signal);
        QProcess process;
        start(process, arguments);
        process.write("a beginning"); // and no end: the write channel stays open
        QTRY_VERIFY(awaitsSignals(process));
        send(process, signal);
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        const QJsonObject json = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        QCOMPARE(json["error"]["code"].toString(), QString("cancelled"));
        QCOMPARE(process.readAllStandardError().count("error:"), 1);
    }

    void generate_interrupted_printsOneObject()
    {
        QProcess process;
        // A prompt without a question goes on for ever: what stops it is the signal or 65 536 tokens.
        start(process, {"generate", "--model", "builtin:needle", "--text", "abc", "-n", "65536", "--json"});
        QTRY_VERIFY(awaitsSignals(process));
        send(process, SIGINT);
        const Outcome outcome = outcomeOf(process);
        QVERIFY2(outcome.code == 130, outcome.err.constData());
        QCOMPARE(outcome.json().keys(), QStringList{"error"}); // two objects would be no document at all
    }

    void serve_SIGTERM_endsIt()
    {
        QProcess process;
        start(process, {"serve"});
        QTRY_VERIFY(awaitsSignals(process));
        send(process, SIGTERM);
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 130);
    }

    void gui_leavesTheExplorerItsSignals()
    {
        // The explorer is what stands beside the program: here a script that says how it was started.
        const QDir folder(m_folder.path());
        QVERIFY(folder.mkdir("bin"));
        QVERIFY(QFile::copy(headwaterProgram(), folder.filePath("bin/headwater")));
        QFile explorer(folder.filePath("bin/headwater-explorer"));
        QVERIFY(explorer.open(QIODevice::WriteOnly));
        explorer.write("#!/bin/sh\necho \"file $1\"\ngrep -E '^Sig(Blk|Ign)' /proc/self/status\n");
        explorer.close();
        QVERIFY(explorer.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        QProcess process;
        // A shell may have started these tests without them.
        process.setChildProcessModifier([] {
            for (const int signal : kOfTheExplorer)
                ::signal(signal, SIG_DFL);
        });
        process.start(folder.filePath("bin/headwater"), {"gui", "a b.hwt"});
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 0);
        const QByteArray said = process.readAllStandardOutput();
        QVERIFY2(said.startsWith("file a b.hwt\n"), said.constData());
        for (const char* name : {"SigBlk", "SigIgn"}) {
            QVERIFY2(said.contains(name), said.constData());
            for (const int signal : kOfTheExplorer)
                QVERIFY2((signalSet(said, name) & (1ull << (signal - 1))) == 0, said.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TstSignals)
#include "tst_signals.moc"
