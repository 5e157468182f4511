// SPDX-License-Identifier: Apache-2.0
// Progress is drawn where somebody looks: on a terminal, and nowhere else.
#include "tests/cli/headwater_run.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

using namespace headwater::test;

namespace {

/// A pseudo terminal: what is written on its other end is read here.
class Terminal {
public:
    Terminal()
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))
    {
        if (m_master >= 0 && ::grantpt(m_master) == 0 && ::unlockpt(m_master) == 0)
            m_name = ::ptsname(m_master);
        if (!m_name.isEmpty())
            m_slave = ::open(m_name.constData(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    ~Terminal()
    {
        ::close(m_slave);
        ::close(m_master);
    }
    bool isOpen() const { return m_slave >= 0; }

    /// What a child does to have its `stream` here.
    std::function<void()> as(int stream) const
    {
        return [slave = m_slave, stream] { ::dup2(slave, stream); };
    }

    /// What has been written up to now.
    QByteArray takeText()
    {
        QByteArray text;
        pollfd readable{m_master, POLLIN, 0};
        while (::poll(&readable, 1, 0) == 1 && (readable.revents & POLLIN) != 0) {
            char buffer[4096];
            const ssize_t count = ::read(m_master, buffer, sizeof buffer);
            if (count <= 0)
                break;
            text.append(buffer, count);
        }
        return text;
    }

private:
    int m_master = -1;
    int m_slave = -1;
    QByteArray m_name;
};

struct Shown {
    Outcome outcome;
    QByteArray terminal;
};

} // namespace

class TstTerminal : public QObject {
    Q_OBJECT

private:
    /// A run whose `stream` is a terminal.
    Shown runWith(int stream, const QStringList& arguments)
    {
        Terminal terminal;
        if (!terminal.isOpen())
            return {};
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.setChildProcessModifier(terminal.as(stream));
        process.start(headwaterProgram(), arguments);
        QByteArray text;
        awaitEnd(process, terminal, text);
        const int code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
        return {{code, process.readAllStandardOutput(), process.readAllStandardError()},
                text + terminal.takeText()};
    }

    /// A terminal holds little: it is read while the program writes.
    static void awaitEnd(QProcess& process, Terminal& terminal, QByteArray& text)
    {
        while (process.state() != QProcess::NotRunning) {
            process.waitForFinished(20);
            text += terminal.takeText();
        }
    }

    QTemporaryDir m_folder;
    const QStringList m_run{"run", "--model", "builtin:needle", "--prompt", "long.txt",
                            "-o",  "t.hwt",   "--select",       "exact",    "--json"};

private slots:
    void initTestCase()
    {
        if (!Terminal().isOpen())
            QSKIP("no pseudo terminal can be had here");
        // Long enough for many bars: more than a second on any machine.
        QCOMPARE(runHeadwater({"bench", "--make-prompt", "20000", "-o", "long.txt"}, m_folder.path()).code,
                 0);
    }

    void progress_isDrawnOnATerminal()
    {
        const Shown shown = runWith(STDERR_FILENO, m_run);
        QVERIFY2(shown.outcome.code == 0, shown.terminal.constData());
        QVERIFY(!shown.outcome.json()["generated"].toObject().isEmpty());
        // Bars, each over the one before it, the last wiped away.
        const QRegularExpression bar("^\r\x1b\\[K(prefill|predictions|generate) +\\[(#*)(\\.*)\\] (\\d+)/(\\d+) "
                                     "(rows|tokens)(, \\d+(:\\d\\d)* [a-z]+ left)?$");
        const QList<QByteArray> lines = QByteArray(shown.terminal).replace("\r", "\n\r").split('\n');
        QVERIFY(lines.size() > 3);
        QCOMPARE(lines.first(), QByteArray());
        QCOMPARE(lines.last(), QByteArray("\r\x1b[K"));
        qint64 before = 0;
        int withTime = 0;
        for (const QByteArray& line : lines.mid(1, lines.size() - 2)) {
            const QRegularExpressionMatch match = bar.match(QString::fromUtf8(line));
            QVERIFY2(match.hasMatch(), line.constData());
            QCOMPARE(match.capturedLength(2) + match.capturedLength(3), 30);
            const qint64 done = match.captured(4).toLongLong();
            const qint64 total = match.captured(5).toLongLong();
            QCOMPARE(match.capturedLength(2), done * 30 / total);
            if (match.captured(1) == "prefill") {
                QCOMPARE(total, 60'000); // rows of three layers
                QVERIFY(done >= before);
                before = done;
            }
            withTime += match.captured(7).isEmpty() ? 0 : 1;
        }
        QCOMPARE(before, 60'000);
        QVERIFY(withTime > 1);
    }

    /// Standard output is data, terminal or not; a pipe gets no bar.
    void progress_isDrawnNowhereElse()
    {
        const Shown shown = runWith(STDOUT_FILENO, m_run);
        QCOMPARE(shown.outcome.code, 0);
        QVERIFY2(shown.outcome.err.isEmpty(), shown.outcome.err.constData());
        QVERIFY2(shown.terminal.startsWith("{") && !shown.terminal.contains('\x1b'),
                 shown.terminal.constData());
    }

    /// The bar does not stay before an error.
    void error_standsOnALineOfItsOwn()
    {
        QStringList stopped = m_run;
        stopped.removeLast();
        Terminal terminal;
        QVERIFY(terminal.isOpen());
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.setChildProcessModifier(terminal.as(STDERR_FILENO));
        process.start(headwaterProgram(), stopped);
        QByteArray text;
        QVERIFY(process.waitForStarted());
        while (!text.contains("prefill") && !process.waitForFinished(5))
            text += terminal.takeText();
        send(process, SIGINT);
        awaitEnd(process, terminal, text);
        text += terminal.takeText();
        QCOMPARE(process.exitCode(), 130);
        QVERIFY2(text.contains("\r\x1b[Kerror: ") && text.endsWith("\r\n"), text.constData());
    }
};

QTEST_GUILESS_MAIN(TstTerminal)
#include "tst_terminal.moc"
