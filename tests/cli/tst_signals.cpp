// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, SIGTERM and SIGHUP, wherever they come; and what a program started by `headwater` inherits.
#include "tests/cli/headwater_run.h"

#include "support/patience.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace headwater::test;

class TstSignals : public QObject {
    Q_OBJECT

private:
    static constexpr std::array kOfTheExplorer = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};

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

    /// With SIGHUP as a terminal's shell leaves it, unless `ignored`: nohup may have started these tests.
    void start(QProcess& process, const QStringList& arguments, int ignored = 0)
    {
        process.setWorkingDirectory(m_folder.path());
        process.setChildProcessModifier([ignored] {
            ::signal(SIGHUP, SIG_DFL);
            if (ignored != 0)
                ::signal(ignored, SIG_IGN);
        });
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
        QTest::addColumn<int>("times");
        QTest::newRow("SIGINT") << SIGINT << 1;
        QTest::newRow("SIGTERM") << SIGTERM << 1;
        QTest::newRow("SIGHUP") << SIGHUP << 1;
        QTest::newRow("SIGHUP of the shell and of the kernel") << SIGHUP << 3;
    }

    void run_stops_andLeavesItsFinishedLayers()
    {
        QFETCH(int, signal);
        QFETCH(int, times);
        const QString trace = QString("s%1-%2.hwt").arg(signal).arg(times);
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
        for (int i = 0; i < times; ++i) {
            send(process, signal);
            QTest::qWait(i + 1 < times ? 150 : 0); // signals that wait together are one
        }
        const Outcome outcome = outcomeOf(process);
        QVERIFY2(outcome.code == 130, outcome.err.constData());
        QCOMPARE(outcome.json()["error"]["code"].toString(), QString("cancelled"));
        QCOMPARE(outcome.json()["error"]["exit_code"].toInt(), 130);
        const Outcome verified = runHeadwater({"verify", trace, "--json"}, m_folder.path());
        QVERIFY2(verified.code == 0, verified.out.constData());
        QVERIFY(!verified.json()["sealed"].toBool());
        QVERIFY(verified.json()["finished_layers"].toInt() >= seen);
        QVERIFY(verified.json()["finished_layers"].toInt() < 3);
        // `verify` opens it for reading alone: what the run had left beside would still be there.
        QCOMPARE(QDir(m_folder.path()).entryList({trace + "*"}, QDir::Files), QStringList{trace});
    }

    void run_underNohup_goesOn()
    {
        QProcess process;
        start(process,
              {"run", "--model", "builtin:needle", "--text", "Needles stay needles. @k=v; what is @k=", "-o",
               "nohup.hwt", "--json"},
              SIGHUP);
        while (process.state() == QProcess::Running) {
            send(process, SIGHUP);
            process.waitForFinished(1);
        }
        const Outcome outcome = outcomeOf(process);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QVERIFY(runHeadwater({"verify", "nohup.hwt", "--json"}, m_folder.path()).json()["sealed"].toBool());
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

    /// A reader of a pipe that has stopped reading, and lives on, keeps nobody waiting who was told to end.
    void waitingForAReader_endsAtOnce_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("signal");
        const QString sample = HEADWATER_SOURCE_DIR "/resources/samples/story.hwt";
        const QStringList exported{"export", sample, "--layer", "all", "--head", "all", "-o", "fifo.csv"};
        QTest::newRow("export, SIGHUP") << exported << SIGHUP;
        QTest::newRow("export, SIGINT") << exported << SIGINT;
        QTest::newRow("figure") << QStringList{"figure", sample, "--layer", "3",
                                               "--head", "5",    "-o",      "fifo.svg"}
                                << SIGHUP;
        QTest::newRow("logits") << QStringList{"logits",   "--model",   "builtin:needle",
                                               "--prompt", "short.txt", "--rows",
                                               "last:256", "--out",     "fifo.npy"}
                                << SIGTERM;
        QTest::newRow("bench") << QStringList{"bench", "--make-prompt", "100000", "-o", "fifo.txt"} << SIGHUP;
    }

    void waitingForAReader_endsAtOnce()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, signal);
        QCOMPARE(runHeadwater({"bench", "--make-prompt", "1000", "-o", "short.txt"}, m_folder.path()).code,
                 0);
        const QByteArray fifo = QFile::encodeName(m_folder.filePath(arguments.last()));
        ::unlink(fifo.constData());
        QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
        const int reader = ::open(fifo.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        QVERIFY(reader >= 0);
        const int writer = ::open(fifo.constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        QVERIFY(writer >= 0);
        const QStringList before = QDir(m_folder.path()).entryList();
        QProcess process;
        start(process, arguments);
        const auto isFull = [writer] {
            pollfd pipe{writer, POLLOUT, 0};
            return ::poll(&pipe, 1, 0) == 0;
        };
        QTRY_VERIFY(isFull());
        send(process, signal);
        const bool hasEnded = process.waitForFinished(kPatienceMs);
        ::close(reader); // lets one that still waits go
        ::close(writer);
        QVERIFY(hasEnded || process.waitForFinished(kPatienceMs));
        QVERIFY(hasEnded);
        QCOMPARE(process.exitCode(), 130);
        QCOMPARE(process.readAllStandardError(), QByteArray("error: stopped\n"));
        QCOMPARE(QDir(m_folder.path()).entryList(), before);
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

    void serve_endsBySignal_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGHUP") << SIGHUP;
    }

    void serve_endsBySignal()
    {
        QFETCH(int, signal);
        QProcess process;
        start(process, {"serve"});
        QTRY_VERIFY(awaitsSignals(process));
        send(process, signal);
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
