// SPDX-License-Identifier: Apache-2.0
// Children of a process that blocks and ignores signals, as `headwater` does.
#include "core/model/fetch/child_process.h"

#include <QTest>
#include <atomic>
#include <csignal>
#include <future>
#include <pthread.h>
#include <thread>

using namespace headwater;

namespace {

ChildResult runShell(const std::string& script)
{
    const auto ran = runChild({"/bin/sh", "-c", script}, {}, [] {}, {});
    return ran ? *ran : ChildResult{-1, ran.error().text()};
}

} // namespace

class TstChildProcess : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGXFSZ, SIG_IGN);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        QCOMPARE(pthread_sigmask(SIG_BLOCK, &set, nullptr), 0);
    }

    void output_andExitCode()
    {
        const ChildResult result = runShell("echo out; echo err >&2; exit 7");
        QCOMPARE(result.exitCode, 7);
        QCOMPARE(QByteArray::fromStdString(result.output), QByteArray("out\nerr\n"));
        QCOMPARE(runShell("kill -9 $$").exitCode, 128 + 9);
    }

    void noProgram_isUnavailable()
    {
        const auto ran = runChild({"no-such-program-here"}, {}, [] {}, {});
        QVERIFY(!ran);
        QVERIFY(ran.error().code == ErrorCode::Unavailable);
    }

    void signals_areNotInherited()
    {
        const ChildResult result = runShell("grep -E '^Sig(Blk|Ign)' /proc/self/status");
        QCOMPARE(result.exitCode, 0);
        for (const char* name : {"SigBlk:", "SigIgn:"}) {
            const std::size_t at = result.output.find(name);
            QVERIFY2(at != std::string::npos, result.output.c_str());
            const unsigned long long set = std::stoull(result.output.substr(at + 7), nullptr, 16);
            for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ})
                QVERIFY2((set & (1ull << (signal - 1))) == 0, result.output.c_str());
        }
    }

    void stop_endsIt_data()
    {
        QTest::addColumn<QString>("script");
        QTest::newRow("heeds SIGTERM") << "echo ready; exec sleep 1000";
        QTest::newRow("ignores SIGTERM") << "trap '' TERM; echo ready; while :; do sleep 1000; done";
        QTest::newRow("has closed its output") << "echo ready; exec >/dev/null 2>&1; exec sleep 1000";
        QTest::newRow("leaves a deaf grandchild") << "(trap '' TERM; exec sleep 1000) & echo ready; wait";
    }

    void stop_endsIt()
    {
        QFETCH(QString, script);
        std::stop_source source;
        int ticks = 0;
        const auto tick = [&] { // the first comes with "ready": the stop meets a child that is under way
            if (++ticks == 2)
                source.request_stop();
        };
        auto ran = std::async(std::launch::async, [&] {
            return runChild({"/bin/sh", "-c", script.toStdString()}, {}, tick, source.get_token());
        });
        // Far more than the second of grace: what hangs fails here instead of hanging the test.
        const bool ended = ran.wait_for(std::chrono::seconds(60)) == std::future_status::ready;
        if (!ended)
            qFatal("the child outlived its stop");
        const auto result = ran.get();
        QVERIFY(!result);
        QVERIFY(result.error().code == ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TstChildProcess)
#include "tst_child_process.moc"
