// SPDX-License-Identifier: GPL-3.0-or-later
// A session of a real trace through a real engine process.
#include "ui/bridge/trace_session.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <numeric>

using namespace headwater;

namespace {

constexpr int kPatienceMs = 60000;

QString engineProgram()
{
    return QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater");
}

} // namespace

class TestTraceSession : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    std::shared_ptr<const Trace> record(const QString& name, const QString& text)
    {
        QProcess run;
        run.start(engineProgram(),
                  {"run", "--model", "builtin:needle", "--text", text, "--generate", "2", "-o",
                   m_folder.filePath(name)});
        const bool ended = run.waitForFinished(kPatienceMs);
        const auto trace = Trace::open(m_folder.filePath(name).toStdString());
        return ended && trace ? *trace : nullptr;
    }

    static bool opens(TraceSession& session)
    {
        session.open();
        return QTest::qWaitFor([&] { return session.state() != TraceSession::State::Opening; }, kPatienceMs)
            && session.state() == TraceSession::State::Open;
    }

private slots:
    void initTestCase()
    {
        m_trace = record("a.hwt", QString("The wind is mild. @abc=77 ").repeated(30) + "@abc=");
        QVERIFY(m_trace);
    }

    void session_offersOpensAndReads()
    {
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.estimate(); // of no trace
        QCOMPARE(session.state(), TraceSession::State::None);
        session.setTrace(m_trace);
        session.estimate();
        QCOMPARE(session.state(), TraceSession::State::Estimating);
        QTRY_COMPARE_WITH_TIMEOUT(session.state(), TraceSession::State::Offered, kPatienceMs);
        QCOMPARE(session.offer().model, QString("builtin:needle"));
        QVERIFY(session.offer().bytes > 0 && session.offer().refusal.isEmpty());
        const quint64 promised = session.offer().bytes;
        QVERIFY(opens(session));
        QCOMPARE(session.offer().bytes, promised);

        std::shared_ptr<const ExactWindow> window;
        const std::uint32_t row = m_trace->seqLen() - 2;
        session.readWindow(2, 1, {row - 9, row + 1}, {0, row + 1}, this,
                           [&](const auto& read) { window = read ? *read : nullptr; });
        QVERIFY(session.isReading());
        QTRY_VERIFY_WITH_TIMEOUT(window, kPatienceMs);
        QVERIFY(!session.isReading());
        const TokenRow recorded = m_trace->loadTokenRow(2, 1, row).value();
        for (std::size_t i = 0; i < recorded.keys.size(); ++i)
            QVERIFY(std::abs(window->at(row, recorded.keys[i]) - recorded.probability[i]) < 1e-5f);
        double sum = 0;
        for (std::uint32_t key = 0; key <= row; ++key)
            sum += double(window->at(row, key));
        QVERIFY(std::abs(sum - 1) < 1e-5);
        QCOMPARE(window->at(row - 9, row), 0.0f); // its future
        QVERIFY(window->isModel && window->isExact); // short prompts are observed

        // The same row of every head at once, and what it gives to one key.
        std::optional<ExactRow> whole;
        session.readRow(row, row - 7, this, [&](const auto& read) {
            QVERIFY2(read, read ? "" : read.error().text().c_str());
            whole = *read;
        });
        QTRY_VERIFY_WITH_TIMEOUT(whole, kPatienceMs);
        QVERIFY(whole->isExact && whole->row == row);
        for (const HeadInfo& info : m_trace->heads()) {
            const TokenRow tokens = whole->tokens({info.layer, info.head});
            QCOMPARE(tokens.keys.size(), std::size_t{TraceSession::kListedKeys});
            QVERIFY(std::is_sorted(tokens.probability.rbegin(), tokens.probability.rend()));
            const TokenRow own = m_trace->loadTokenRow(info.layer, info.head, row).value();
            for (std::size_t i = 0; i < own.keys.size(); ++i)
                QVERIFY(std::abs(*whole->at({info.layer, info.head}, own.keys[i]) - own.probability[i])
                        < 1e-5f);
            QVERIFY(whole->at({info.layer, info.head}, row - 7)); // whether it is listed or not
        }
        QVERIFY(std::abs(*whole->at({2, 1}, row - 7) - window->at(row, row - 7)) < 1e-6f);
        bool isRefused = false;
        session.readRow(row, m_trace->seqLen(), this, [&](const auto& read) { isRefused = !read; });
        QTRY_VERIFY_WITH_TIMEOUT(isRefused, kPatienceMs);

        // The same file again keeps it, another trace does not.
        session.setTrace(Trace::open(m_trace->path()).value());
        QCOMPARE(session.state(), TraceSession::State::Open);
        session.setTrace(record("b.hwt", "The sea is low."));
        QCOMPARE(session.state(), TraceSession::State::None);
    }

    /// What a run has left is the session of its trace, whichever of the two comes first; of another it is
    /// closed.
    void sessionOfARun_isTakenOver()
    {
        EngineClient engine(engineProgram(), {"serve"});
        const auto run = [&](const QString& name) {
            nlohmann::json left;
            const nlohmann::json params{{"model", "builtin:needle"},
                                        {"text", "The mast is high. @abc=77 @abc="},
                                        {"output", m_folder.filePath(name).toStdString()},
                                        {"keep_session", true}};
            engine.request("run", params, this, [&](const Result<nlohmann::json>& answer) {
                left = answer ? answer->value("session", nlohmann::json("none")) : nlohmann::json("failed");
            });
            static_cast<void>(QTest::qWaitFor([&] { return !left.is_null(); }, kPatienceMs));
            return left;
        };
        const auto openSessions = [&] {
            int count = -1;
            engine.request("status", {}, this, [&](const Result<nlohmann::json>& answer) {
                count = answer ? static_cast<int>((*answer)["sessions"].size()) : -2;
            });
            static_cast<void>(QTest::qWaitFor([&] { return count != -1; }, kPatienceMs));
            return count;
        };
        TraceSession session(engine);
        const nlohmann::json first = run("left.hwt");
        QVERIFY(first.is_object());
        session.adopt(first);
        QCOMPARE(session.state(), TraceSession::State::None); // its trace is on its way
        const auto trace = Trace::open(m_folder.filePath("left.hwt").toStdString()).value();
        session.setTrace(trace);
        QCOMPARE(session.state(), TraceSession::State::Open);
        QVERIFY(session.offer().isExact && session.offer().bytes > 0);
        std::shared_ptr<const ExactWindow> window;
        session.readWindow(0, 0, {0, 4}, {0, 4}, this,
                           [&](const auto& read) { window = read ? *read : nullptr; });
        QTRY_VERIFY_WITH_TIMEOUT(window, kPatienceMs);
        QCOMPARE(openSessions(), 1);

        session.adopt(run("other.hwt"));
        QCOMPARE(openSessions(), 2);
        session.setTrace(m_trace); // neither of the two
        QCOMPARE(session.state(), TraceSession::State::None);
        QTRY_COMPARE_WITH_TIMEOUT(openSessions(), 0, kPatienceMs);

        session.setTrace(trace);
        const nlohmann::json again = run("left.hwt"); // the file is another trace by now
        session.adopt(again);
        session.setTrace(Trace::open(m_folder.filePath("left.hwt").toStdString()).value());
        QCOMPARE(session.state(), TraceSession::State::Open);
        session.close();
        QTRY_COMPARE_WITH_TIMEOUT(openSessions(), 0, kPatienceMs);

        // One that nobody has taken goes with the next, with the window's trace, or when it is closed.
        session.adopt(run("never.hwt"));
        QCOMPARE(openSessions(), 1);
        session.adopt(run("seen.hwt"));
        QTRY_COMPARE_WITH_TIMEOUT(openSessions(), 1, kPatienceMs);
        session.close();
        QTRY_COMPARE_WITH_TIMEOUT(openSessions(), 0, kPatienceMs);
        session.adopt(run("never.hwt"));
        session.setTrace(nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(openSessions(), 0, kPatienceMs);
    }

    /// The engine does one thing at a time: what would wait behind a run is not asked.
    void aRunComesFirst()
    {
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.setTrace(m_trace);
        QVERIFY(opens(session));
        QVERIFY(session.isReadable());
        session.giveWay();
        QCOMPARE(session.state(), TraceSession::State::None);
        bool isDone = false;
        engine.request("run",
                       {{"model", "builtin:needle"},
                        {"text", "The mast is high."},
                        {"output", m_folder.filePath("first.hwt").toStdString()}},
                       this, [&](const Result<nlohmann::json>& answer) { isDone = answer.has_value(); });
        QVERIFY(session.isRunUnderWay() && !session.isPossible());
        session.estimate();
        session.open();
        QCOMPARE(session.state(), TraceSession::State::None);
        QSignalSpy changed(&session, &TraceSession::changed);
        QTRY_VERIFY_WITH_TIMEOUT(isDone, kPatienceMs);
        QCOMPARE(changed.size(), 1); // who waited is told
        QVERIFY(session.isPossible() && !session.isDeclined());
        QVERIFY(opens(session));
    }

    void engineDeath_isAFailureThatCanBeTriedAgain()
    {
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.setTrace(m_trace);
        QVERIFY(opens(session));
        bool refused = false;
        ::kill(static_cast<pid_t>(engine.processId()), SIGKILL);
        session.readWindow(0, 0, {0, 1}, {0, 1}, this, [&](const auto& read) { refused = !read; });
        QTRY_COMPARE_WITH_TIMEOUT(session.state(), TraceSession::State::Failed, kPatienceMs);
        QVERIFY(refused && !session.isReading());
        QVERIFY(session.failure().message.find("signal 9") != std::string::npos);
        QVERIFY(opens(session)); // a new process
    }

    void wrongModel_isSaid()
    {
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.setTrace(m_trace);
        session.setModel(QStringLiteral(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf"));
        QVERIFY(!opens(session));
        QCOMPARE(session.state(), TraceSession::State::Failed);
        QVERIFY(session.failure().message.find("builtin:needle") != std::string::npos);
        session.setModel("builtin:needle");
        QVERIFY(opens(session));
    }

    void replacedTrace_isNotMixedUp()
    {
        const auto first = record("c.hwt", "The mast is high.");
        QVERIFY(first);
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.setTrace(first);
        QTest::qWait(1100); // traces are told apart by when they were made, to a second
        QVERIFY(QFile::remove(m_folder.filePath("c.hwt")));
        QVERIFY(record("c.hwt", "The mast is low."));
        QVERIFY(!opens(session));
        QVERIFY(session.failure().message.find("another trace") != std::string::npos);
    }

    void cancel_givesUp()
    {
        const auto longer = record("d.hwt", QString("The wind is mild and the boats rest. ").repeated(900));
        QVERIFY(longer);
        EngineClient engine(engineProgram(), {"serve"});
        TraceSession session(engine);
        session.setTrace(longer);
        session.open();
        QTRY_COMPARE_WITH_TIMEOUT(session.progress().phase, QString("session"), kPatienceMs);
        session.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(session.state(), TraceSession::State::None, kPatienceMs);
    }
};

QTEST_GUILESS_MAIN(TestTraceSession)
#include "tst_trace_session.moc"
