// SPDX-License-Identifier: Apache-2.0
// Warm sessions of `headwater serve` (docs/engine_protocol.md), against the trace they go on from.
#include "cli/engine_process.h"
#include "core/base/hash.h"
#include "core/trace/trace_reader.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <sys/resource.h>

using namespace headwater;
using namespace headwater::test;

namespace {

std::vector<float> floatsAt(const QByteArray& bytes, qsizetype first, qsizetype count)
{
    std::vector<float> values(static_cast<std::size_t>(count));
    std::memcpy(values.data(), bytes.constData() + first * 4, static_cast<std::size_t>(count) * 4);
    return values;
}

} // namespace

class TstSessions : public QObject {
    Q_OBJECT

private:
    EngineProcess m_engine;
    QTemporaryDir m_folder;
    QString m_trace;
    int m_lastId = 0;

    /// The result of a request, empty where it fails.
    QJsonObject ask(const QString& method, const QJsonObject& params)
    {
        m_engine.request(++m_lastId, method, params);
        return m_engine.answer(m_lastId)["result"].toObject();
    }

    QJsonObject failure(const QString& method, const QJsonObject& params)
    {
        m_engine.request(++m_lastId, method, params);
        return m_engine.answer(m_lastId);
    }

    int openSession() { return ask("session.open", {{"trace", m_trace}})["session"].toInt(-1); }

private slots:
    void initTestCase()
    {
        m_trace = m_folder.filePath("a.hwt");
        const QString text = "The mast is high. @abc=77 The sea is low. "
            + QString("The wind is mild. ").repeated(60) + "@abc=";
        const Outcome run = runHeadwater({"run", "--model", "builtin:needle", "--text", text, "--generate",
                                          "8", "-o", m_trace, "--select", "tree", "--keep-keys", "128"},
                                         m_folder.path());
        QVERIFY2(run.code == 0, run.err.constData());
    }

    void init() { QVERIFY(m_engine.start(m_folder.path())); }
    void cleanup() { QCOMPARE(m_engine.end(), 0); }

    void session_saysWhatItIs()
    {
        const QJsonObject estimate = ask("session.estimate", {{"trace", m_trace}});
        QCOMPARE(estimate["model"].toString(), QString("builtin:needle")); // found by its header
        QVERIFY(estimate["exact"].toBool());
        QVERIFY(estimate["memory_bytes"].toDouble() > estimate["state_bytes"].toDouble());
        QVERIFY(estimate["seconds"].toDouble() > 0);
        QVERIFY(!estimate.contains("refused"));

        const QJsonObject opened = ask("session.open", {{"trace", m_trace}});
        const auto trace = Trace::open(m_trace.toStdString()).value();
        QCOMPARE(opened["tokens"].toInt(), int(trace->seqLen()));
        QCOMPARE(opened["quantity"].toString(), QString("p_stream"));
        QCOMPARE(opened["bytes"].toDouble(), estimate["state_bytes"].toDouble());
        QCOMPARE(opened["check"]["heads"].toInt(), int(trace->heads().size()));
        QVERIFY(opened["check"]["largest"].toDouble() <= 1e-4);
        QVERIFY(std::any_of(
            m_engine.notifications.begin(), m_engine.notifications.end(),
            [](const QJsonObject& note) { return note["params"].toObject()["phase"] == "session"; }));

        const QJsonArray sessions = ask("status", {})["sessions"].toArray();
        QCOMPARE(sessions.size(), 1);
        QCOMPARE(sessions[0]["session"].toInt(), opened["session"].toInt());
        QCOMPARE(sessions[0]["trace"].toString(), m_trace);
        QVERIFY(ask("session.close", {{"session", opened["session"]}})["closed"].toBool());
        QVERIFY(ask("status", {})["sessions"].toArray().isEmpty());
        QCOMPARE(EngineProcess::codeOf(failure("session.row", {{"session", opened["session"]}, {"row", 1}})),
                 QString("not_found"));
    }

    /// A run leaves its session behind: no forward, and the numbers of one that is opened.
    void runHandsItsSessionOver()
    {
        const QString path = m_folder.filePath("kept.hwt");
        const QJsonObject run{
            {"model", "builtin:needle"},
            {"text", "The mast is high. @abc=77 " + QString("The wind is mild. ").repeated(60) + "@abc="},
            {"generate", 8},
            {"output", path},
            {"select", "tree"},
            {"keep_keys", 128}};
        QJsonObject keeping = run;
        keeping["keep_session"] = true;
        const QJsonObject estimate = ask("estimate", keeping);
        const QJsonObject plain = ask("estimate", run);
        QVERIFY(!plain.contains("session_bytes"));
        QVERIFY(estimate["session_bytes"].toDouble() > 0);
        QCOMPARE(estimate["memory_bytes"].toDouble(),
                 plain["memory_bytes"].toDouble() + estimate["session_bytes"].toDouble());
        const QJsonObject kept = ask("run", keeping)["session"].toObject();
        QVERIFY(kept["session"].toInt() > 0);
        QCOMPARE(kept["quantity"].toString(), QString("p_stream"));
        QVERIFY(kept["exact"].toBool());
        const QJsonArray listed = ask("status", {})["sessions"].toArray();
        QCOMPARE(listed.size(), 1);
        QCOMPARE(listed[0]["trace"].toString(), path);
        const int opened = ask("session.open", {{"trace", path}})["session"].toInt();
        const auto tokens = kept["tokens"].toInt();
        QByteArray answers[2];
        for (const int which : {0, 1}) {
            m_engine.request(++m_lastId, "session.row",
                             {{"session", which ? opened : kept["session"].toInt()}, {"row", tokens - 2}});
            QVERIFY(m_engine.answer(m_lastId).contains("result"));
            answers[which] = m_engine.attachment;
        }
        QVERIFY(answers[0].size() > 0);
        QVERIFY(answers[0] == answers[1]);
        QVERIFY(!ask("run", run).contains("session"));
    }

    /// What does not fit is refused with what idle sessions hold of the memory that it wants.
    void refusal_namesIdleSessions()
    {
        const QJsonObject run{{"model", "builtin:needle"},
                              {"text", "The mast is high."},
                              {"output", m_folder.filePath("refused.hwt")}};
        QVERIFY(openSession() > 0);
        QVERIFY(!ask("estimate", run).contains("refused"));
        // From now on the engine may take 64 MiB more than it has: less than any run is estimated to need.
        const auto pid = static_cast<pid_t>(m_engine.process.processId());
        QFile status(QString("/proc/%1/status").arg(pid));
        QVERIFY(status.open(QIODevice::ReadOnly));
        static const QRegularExpression data("VmData:\\s+(\\d+) kB");
        const qulonglong held = data.match(QString::fromUtf8(status.readAll())).captured(1).toULongLong()
            << 10;
        QVERIFY(held > 0);
        rlimit limit = {};
        QCOMPARE(::prlimit(pid, RLIMIT_DATA, nullptr, &limit), 0);
        limit.rlim_cur = held + (64u << 20);
        QCOMPARE(::prlimit(pid, RLIMIT_DATA, &limit, nullptr), 0);
        static const QRegularExpression idle("; or close the idle sessions, which hold [0-9.]+ MiB");
        const QString estimated = ask("estimate", run)["refused"].toString();
        QVERIFY2(idle.match(estimated).hasMatch(), qPrintable(estimated));
        const QJsonObject ran = failure("run", run);
        QCOMPARE(EngineProcess::codeOf(ran), QString("out_of_memory"));
        const QString said = ran["error"]["message"].toString();
        QVERIFY2(idle.match(said).hasMatch(), qPrintable(said));
        const QJsonObject opened = failure("session.open", {{"trace", m_trace}});
        const QString refused = opened["error"]["message"].toString();
        QVERIFY2(idle.match(refused).hasMatch(), qPrintable(refused));
    }

    void rows_areTheRecordedOnes()
    {
        const int session = openSession();
        QVERIFY(session > 0);
        const auto trace = Trace::open(m_trace.toStdString()).value();
        const std::uint32_t row = trace->seqLen() - 2;
        const auto recorded = trace->loadTokenRows(row).value();
        const int top = int(recorded.front().keys.size());
        const QJsonObject answer =
            ask("session.row", {{"session", session}, {"row", int(row)}, {"top", top}, {"key", 5}});
        const int heads = answer["shape"][0].toInt();
        QCOMPARE(heads, int(trace->heads().size()));
        QCOMPARE(answer["shape"][1].toInt(), top);
        const QByteArray data = m_engine.attachment;
        QCOMPARE(data.size(), qsizetype(4) * heads * (2 + 2 * top));
        const QByteArray hash =
            QByteArray::number(
                qulonglong(xxh3(std::as_bytes(std::span(data.constData(), std::size_t(data.size()))))), 16)
                .rightJustified(16, '0');
        QCOMPARE(m_engine.attachmentHash, hash);
        std::vector<std::uint32_t> keys(std::size_t(heads) * std::size_t(top));
        std::memcpy(keys.data(), data.constData() + heads * 4, keys.size() * 4);
        const std::vector<float> p = floatsAt(data, heads + heads * top, heads * top);
        for (std::size_t head = 0; head < recorded.size(); ++head) {
            for (std::size_t k = 0; k < recorded[head].keys.size(); ++k) {
                const std::size_t at = head * std::size_t(top) + k;
                QVERIFY(std::abs(p[at] - recorded[head].probability[k]) < 1e-3f);
                if (k + 1 < recorded[head].keys.size()
                    && recorded[head].probability[k] - recorded[head].probability[k + 1] > 1e-5f
                    && (k == 0 || recorded[head].probability[k - 1] - recorded[head].probability[k] > 1e-5f))
                    QCOMPARE(keys[at], recorded[head].keys[k]);
            }
        }

        // A key that the row cannot read has nothing of it.
        QVERIFY(
            !ask("session.row", {{"session", session}, {"row", int(row)}, {"key", int(row) + 1}}).isEmpty());
        for (const float none : floatsAt(m_engine.attachment, heads + 2 * heads * 32, heads))
            QCOMPARE(none, 0.0f);

        // A window of the same row.
        ask("session.window",
            {{"session", session},
             {"layer", 1},
             {"head", 0},
             {"first_row", int(row) - 3},
             {"rows", 4},
             {"first_key", 0},
             {"keys", int(row) + 1}});
        const std::vector<float> window = floatsAt(m_engine.attachment, 3 * (row + 1), row + 1);
        for (std::size_t head = 0, at = 0; head < recorded.size(); ++head) {
            if (recorded[head].layer != 1 || recorded[head].head != 0)
                continue;
            for (; at < recorded[head].keys.size(); ++at)
                QVERIFY(std::abs(window[recorded[head].keys[at]] - recorded[head].probability[at]) < 1e-3f);
            QVERIFY(at > 0);
        }
    }

    void predictions_sayTheAnswer()
    {
        const int session = openSession();
        const auto trace = Trace::open(m_trace.toStdString()).value();
        const std::uint32_t prompt = trace->segments().front().end;
        const QJsonObject answer =
            ask("session.predictions", {{"session", session}, {"first_row", int(prompt) - 1}, {"rows", 2}});
        const QByteArray data = m_engine.attachment;
        QCOMPARE(data.size(), 4 * (2 + 2 * 5 + 2 * 5));
        std::int32_t first = 0;
        std::memcpy(&first, data.constData() + 8, 4);
        QCOMPARE(answer["words"][QString::number(first)].toString(), QString("7"));
        QCOMPARE(first, trace->tokenIds()[prompt]); // and it followed
        QCOMPARE(floatsAt(data, 0, 1)[0], floatsAt(data, 12, 1)[0]);
        QVERIFY(floatsAt(data, 0, 1)[0] > std::log(0.5f));
    }

    void column_sumsWhatRowsGive()
    {
        // Of a run that was observed: its row sums are of whole rows.
        const QString observed = m_folder.filePath("observed.hwt");
        const Outcome run = runHeadwater({"run", "--model", "builtin:needle", "--text",
                                          QString("The wind is mild. ").repeated(40), "--generate", "0", "-o",
                                          observed, "--select", "exact"},
                                         m_folder.path());
        QVERIFY2(run.code == 0, run.err.constData());
        const int session = ask("session.open", {{"trace", observed}})["session"].toInt();
        const QJsonObject answer =
            ask("session.column", {{"session", session}, {"layer", 1}, {"head", 1}, {"key", 7}});
        QCOMPARE(answer["shape"][0].toInt(), 1);
        const int rows = answer["shape"][1].toInt();
        const std::vector<float> column = floatsAt(m_engine.attachment, 0, rows);
        QVERIFY(answer["relative_error"].toDouble() <= 1e-4);
        ask("session.window",
            {{"session", session},
             {"layer", 1},
             {"head", 1},
             {"first_row", 7},
             {"rows", rows},
             {"first_key", 7},
             {"keys", 1}});
        const std::vector<float> window = floatsAt(m_engine.attachment, 0, rows);
        for (int row = 0; row < rows; ++row)
            QVERIFY(std::abs(column[std::size_t(row)] - window[std::size_t(row)]) <= 1e-5f);

        const int kept = openSession();
        QCOMPARE(EngineProcess::codeOf(
                     failure("session.column", {{"session", kept}, {"layer", 2}, {"head", 1}, {"key", 7}})),
                 QString("unsupported"));
    }

    void mistakes_areAnswered_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QJsonObject>("params");
        QTest::addColumn<QString>("code");
        const QJsonObject window{{"session", 1}, {"layer", 0},     {"head", 0}, {"first_row", 0},
                                 {"rows", 1},    {"first_key", 0}, {"keys", 1}};
        const auto with = [&](const char* name, const QJsonValue& value) {
            QJsonObject changed = window;
            changed[name] = value;
            return changed;
        };
        QTest::newRow("no trace") << "session.open" << QJsonObject{} << "invalid_argument";
        QTest::newRow("missing trace") << "session.open" << QJsonObject{{"trace", "none.hwt"}} << "not_found";
        QTest::newRow("no session") << "session.row" << QJsonObject{{"row", 1}} << "invalid_argument";
        QTest::newRow("layer") << "session.window" << with("layer", 99) << "invalid_argument";
        QTest::newRow("text") << "session.window" << with("rows", "many") << "invalid_argument";
        QTest::newRow("negative") << "session.window" << with("first_key", -1) << "invalid_argument";
        QTest::newRow("rows") << "session.window" << with("rows", 100000) << "invalid_argument";
        QTest::newRow("too large")
            << "session.window"
            << QJsonObject{{"session", 1},         {"layer", 0},     {"head", 0},           {"first_row", 0},
                           {"rows", 4000000000.0}, {"first_key", 0}, {"keys", 4000000000.0}}
            << "invalid_argument";
        QTest::newRow("key") << "session.row" << QJsonObject{{"session", 1}, {"row", 3}, {"key", 1000000}}
                             << "invalid_argument";
        QTest::newRow("row") << "session.row" << QJsonObject{{"session", 1}, {"row", 1000000}}
                             << "invalid_argument";
    }

    /// An answer is as large as its probabilities and its rows' log-sum-exps.
    void largestWindow_countsTheRowsToo()
    {
        QCOMPARE(openSession(), 1);
        const auto said = [this](double heads, double rows, double keys) {
            return failure("session.window",
                           {{"session", 1},
                            {"layer", 0},
                            {"head", 0},
                            {"heads", heads},
                            {"first_row", 0},
                            {"rows", rows},
                            {"first_key", 0},
                            {"keys", keys}})["error"]
                .toObject()["message"]
                .toString();
        };
        const double pairs = 1 << 26; // 256 MiB of f32
        QVERIFY2(said(1, 1, pairs).contains("257 MiB are asked for"), qPrintable(said(1, 1, pairs)));
        QVERIFY(!said(1, 1, pairs - 1).contains("MiB")); // refused for its keys
        QVERIFY(said(1, pairs / 2, 1).contains("MiB") == false);
        QVERIFY2(said(1, pairs, 1).contains("512 MiB"), qPrintable(said(1, pairs, 1)));
        QVERIFY(said(1 << 20, 4294967295.0, 4294967295.0).contains("MiB")); // more than 64 bits hold
    }

    void mistakes_areAnswered()
    {
        QFETCH(QString, method);
        QFETCH(QJsonObject, params);
        QFETCH(QString, code);
        QCOMPARE(openSession(), 1);
        QCOMPARE(EngineProcess::codeOf(failure(method, params)), code);
        QCOMPARE(ask("status", {})["sessions"].toArray().size(), 1); // it lives on
    }

    /// The model that made the trace is not here: the trace says which to look for.
    void modelOfTheTrace_isLookedFor()
    {
        const QJsonObject error = failure(
            "session.open",
            {{"trace", m_trace},
             {"model", QStringLiteral(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf")}});
        QCOMPARE(EngineProcess::codeOf(error), QString("invalid_argument"));
        QVERIFY(error["error"]["message"].toString().contains("builtin:needle"));
    }

    void tracesThatVanish_costNothing()
    {
        const QString moved = m_folder.filePath("moved.hwt");
        QVERIFY(QFile::copy(m_trace, moved));
        const int session = ask("session.open", {{"trace", moved}})["session"].toInt();
        QVERIFY(session > 0);
        QVERIFY(QFile::remove(moved));
        QVERIFY(!ask("session.row", {{"session", session}, {"row", 3}}).isEmpty()); // all of it is here
        QCOMPARE(EngineProcess::codeOf(failure("session.open", {{"trace", moved}})), QString("not_found"));
    }

    void opening_isCancelled()
    {
        const QString longer = m_folder.filePath("long.hwt");
        const Outcome run = runHeadwater({"run", "--model", "builtin:needle", "--text",
                                          QString("The wind is mild and the boats rest. ").repeated(1000),
                                          "--generate", "0", "-o", longer, "--select", "tree"},
                                         m_folder.path());
        QVERIFY2(run.code == 0, run.err.constData());
        m_engine.request(++m_lastId, "session.open", {{"trace", longer}});
        QJsonObject note;
        do {
            note = m_engine.receive();
            QVERIFY(!note.isEmpty() && !note.contains("id"));
        } while (note["params"].toObject()["phase"] != "session");
        m_engine.request(m_lastId + 1, "session.row", {{"session", 1}, {"row", 1}}); // waits behind it
        m_engine.cancel(m_lastId + 1);
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(m_lastId + 1)), QString("cancelled"));
        m_engine.cancel(m_lastId);
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(m_lastId)), QString("cancelled"));
        ++m_lastId;
        QVERIFY(ask("status", {})["sessions"].toArray().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TstSessions)
#include "tst_sessions.moc"
