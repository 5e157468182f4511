// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/engine_client.h"

#include "support/patience.h"
#include "ui/bridge/json_access.h"

#include <QSignalSpy>
#include <QTest>
#include <memory>
#include <optional>

using namespace headwater;

namespace {

/// The answer to one request, once it is there.
struct Answer {
    std::optional<Result<nlohmann::json>> result;
    EngineClient::Reply reply()
    {
        return [this](Result<nlohmann::json> given) { result = std::move(given); };
    }
};

QString program()
{
    return QStringLiteral(FAKE_ENGINE);
}

} // namespace

class TestEngineClient : public QObject {
    Q_OBJECT

private slots:
    void request_beforeStart_startsTheProcessAndIsAnswered()
    {
        EngineClient engine(program(), {});
        QCOMPARE(engine.state(), EngineClient::State::Stopped);
        Answer answer;
        engine.request(QStringLiteral("tokenize"), {{"text", "seven77"}}, this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        QVERIFY(answer.result->has_value());
        QCOMPARE(jsonInteger(**answer.result, "count", -1), 7);
        QTRY_COMPARE(engine.state(), EngineClient::State::Idle);
        QCOMPARE(engine.hello().version, QStringLiteral("0.0-fake"));
        QCOMPARE(engine.hello().models.size(), std::size_t{6});
        QVERIFY(engine.hello().models.front().present);
    }

    void child_runsAtNiceTen()
    {
        EngineClient engine(program(), {});
        Answer answer;
        engine.request(QStringLiteral("status"), nlohmann::json::object(), this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        const int own = ::nice(0);
        QCOMPARE(jsonInteger(**answer.result, "nice", -1), std::min(19, own + 10));
    }

    void run_tellsEveryLayerAndToken()
    {
        EngineClient engine(program(), {});
        QSignalSpy progress(&engine, &EngineClient::progress);
        QSignalSpy tokens(&engine, &EngineClient::token);
        Answer answer;
        const qint64 id =
            engine.request(QStringLiteral("run"), {{"model", "layers:5"}}, this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        QCOMPARE(progress.size(), 5);
        const auto last = progress.last().first().value<EngineProgress>();
        QCOMPARE(last.id, id);
        QCOMPARE(last.finishedLayer, 4);
        QCOMPARE(last.secondsLeft, -1.0);
        QCOMPARE(last.trace, QStringLiteral("/fake/trace.hwt"));
        QCOMPARE(tokens.size(), 2);
        QCOMPARE(jsonInteger(**answer.result, "tokens", 0), 100);
    }

    void status_duringRun_isAnswered_andCancelEndsTheRun()
    {
        EngineClient engine(program(), {});
        Answer run;
        Answer status;
        const qint64 id = engine.request(QStringLiteral("run"), {{"model", "wait"}}, this, run.reply());
        engine.request(QStringLiteral("status"), nlohmann::json::object(), this, status.reply());
        QTRY_VERIFY(status.result.has_value());
        QVERIFY(!run.result);
        QCOMPARE(engine.state(), EngineClient::State::Running);
        engine.cancel(id);
        QTRY_VERIFY(run.result.has_value());
        QVERIFY(!run.result->has_value());
        QCOMPARE(run.result->error().code, ErrorCode::Cancelled);
        QCOMPARE(engine.state(), EngineClient::State::Idle);
    }

    void error_keepsCodeMessageAndContext()
    {
        EngineClient engine(program(), {});
        Answer answer;
        engine.request(QStringLiteral("run"), {{"model", "refuse"}}, this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        QCOMPARE(answer.result->error().code, ErrorCode::OutOfMemory);
        QCOMPARE(answer.result->error().context, std::string("fake"));
        QVERIFY(answer.result->error().message.find("--keep-keys 128") != std::string::npos);
    }

    void death_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("said");
        QTest::newRow("exit code") << QStringLiteral("die")
                                   << QStringLiteral("exit code 3: fake engine: told to die");
        QTest::newRow("signal") << QStringLiteral("kill") << QStringLiteral("signal 9");
        QTest::newRow("broken framing") << QStringLiteral("garbage") << QStringLiteral("Content-Length");
    }

    void death()
    {
        QFETCH(QString, how);
        QFETCH(QString, said);
        EngineClient engine(program(), {});
        QSignalSpy died(&engine, &EngineClient::died);
        Answer run;
        Answer other;
        engine.request(QStringLiteral("run"), {{"model", how.toStdString()}}, this, run.reply());
        QTRY_COMPARE(died.size(), 1);
        QVERIFY2(died.first().first().toString().contains(said), qPrintable(died.first().first().toString()));
        QVERIFY(run.result.has_value());
        QCOMPARE(run.result->error().code, ErrorCode::Unavailable);
        QCOMPARE(engine.state(), EngineClient::State::Dead);
        // A new request starts a new process: nothing but the old requests is lost.
        engine.request(QStringLiteral("tokenize"), {{"text", "ab"}}, this, other.reply());
        QTRY_VERIFY(other.result.has_value());
        QCOMPARE(jsonInteger(**other.result, "count", -1), 2);
        QCOMPARE(died.size(), 1);
    }

    void missingProgram_isAnErrorNotAHang()
    {
        EngineClient engine(QStringLiteral("/nonexistent/headwater"), {});
        QSignalSpy died(&engine, &EngineClient::died);
        Answer answer;
        engine.request(QStringLiteral("status"), nlohmann::json::object(), this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        QCOMPARE(answer.result->error().code, ErrorCode::Unavailable);
        QCOMPARE(died.size(), 1);
        QVERIFY(died.first().first().toString().contains(QStringLiteral("/nonexistent/headwater")));
    }

    void reply_contextGone_isDropped()
    {
        EngineClient engine(program(), {});
        Answer dropped;
        Answer later;
        auto context = std::make_unique<QObject>();
        engine.request(QStringLiteral("tokenize"), {{"text", "x"}}, context.get(), dropped.reply());
        context.reset();
        engine.request(QStringLiteral("status"), nlohmann::json::object(), this, later.reply());
        QTRY_VERIFY(later.result.has_value());
        QVERIFY(!dropped.result);
    }

    void unknownMethod_isAnError()
    {
        EngineClient engine(program(), {});
        Answer answer;
        engine.request(QStringLiteral("fly"), nlohmann::json::object(), this, answer.reply());
        QTRY_VERIFY(answer.result.has_value());
        QVERIFY(!answer.result->has_value());
        QCOMPARE(answer.result->error().message, std::string("unknown method"));
    }
};

QTEST_GUILESS_MAIN(TestEngineClient)
#include "tst_engine_client.moc"
