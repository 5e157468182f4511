// SPDX-License-Identifier: Apache-2.0
// `headwater serve` against docs/engine_protocol.md, as a client sees it.
#include "cli/engine_process.h"
#include "support/sanitized.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

using namespace headwater::test;

class TstServe : public QObject {
    Q_OBJECT

private:
    /// A GGUF file whose header alone takes a while to read: arrays of empty strings, as many as are allowed.
    /// No model.
    void writeSlowModel(const QString& path)
    {
        const auto number = [](auto value) {
            return QByteArray(reinterpret_cast<const char*>(&value), sizeof value);
        };
        const auto text = [&](const QByteArray& value) { return number(quint64(value.size())) + value; };
        const int kArrays = headwater::test::isSanitized() ? 3 : 8;
        constexpr quint64 kElements = 4 << 20;
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("GGUF" + number(quint32(3)) + number(quint64(0)) + number(quint64(kArrays)));
        for (int i = 0; i < kArrays; ++i) {
            file.write(text("filler." + QByteArray::number(i)) + number(quint32(9)) + number(quint32(8))
                       + number(kElements));
            file.write(QByteArray(kElements * 8, '\0'));
        }
    }

    EngineProcess m_engine;
    QTemporaryDir m_folder;

private slots:
    void init() { QVERIFY(m_engine.start(m_folder.path())); }

    void cleanup() { QCOMPARE(m_engine.end(), 0); } // end of input ends the process

    void initialize_namesTheModels()
    {
        m_engine.request(1, "initialize", {{"protocol", 1}});
        const QJsonObject result = m_engine.answer(1)["result"].toObject();
        QCOMPARE(result["protocol"].toInt(), 1);
        QVERIFY(result["memory_available"].toDouble() > 0);
        bool needle = false;
        for (const QJsonValue& model : result["models"].toArray())
            needle |= model["name"].toString() == "builtin:needle" && model["present"].toBool();
        QVERIFY(needle);
    }

    void run_tellsProgressTokensAndResult()
    {
        const QString trace = m_folder.filePath("a.hwt");
        QString text = "The mast is high. @abc=77 The sea is low. ";
        text = text.repeated(1) + QString("The wind is mild. ").repeated(60) + "@abc=";
        m_engine.request(4, "run",
                         {{"model", "builtin:needle"}, {"text", text}, {"output", trace}, {"generate", 8}});
        const QJsonObject result = m_engine.answer(4)["result"].toObject();
        QCOMPARE(result["generated"].toObject()["text"].toString(), QString("77"));
        QVERIFY(QFile::exists(trace));
        QList<int> layers;
        QString said;
        for (const QJsonObject& note : m_engine.notifications) {
            QCOMPARE(note["params"].toObject()["id"].toInt(), 4);
            if (note["params"].toObject()["finished_layer"].isDouble()) {
                layers.append(note["params"].toObject()["finished_layer"].toInt());
                QCOMPARE(note["params"].toObject()["trace"].toString(), trace);
            }
            // A forward pass says into how many layers its rows divide.
            const QJsonObject params = note["params"].toObject();
            if (params["phase"] == "prefill")
                QCOMPARE(params["layers"].toInt(), 3);
            if (params["phase"] == "generate")
                QVERIFY(!params.contains("layers"));
            if (note["method"] == "token")
                said += note["params"].toObject()["text"].toString();
        }
        QCOMPARE(layers, (QList<int>{0, 1, 2}));
        QCOMPARE(said, QString("77"));
        m_engine.request(5, "status");
        QCOMPARE(m_engine.answer(5)["result"].toObject()["state"].toString(), QString("idle"));
    }

    /// A next turn reuses what the one before was forwarded for, to the same bits; a run in between frees it.
    void generate_streams_andReusesTheCache()
    {
        const QString begin = "@abc=7717 " + QString("The wind is mild. ").repeated(40) + "@abc=";
        const auto generated = [&](int id, const QString& text, QJsonObject options = {}) {
            options["model"] = "builtin:needle";
            options["text"] = text;
            options["generate"] = 6;
            m_engine.notifications.clear();
            m_engine.request(id, "generate", options);
            return m_engine.answer(id)["result"].toObject();
        };
        const QJsonObject first = generated(1, begin);
        QCOMPARE(first["text"].toString(), QString("7717"));
        QCOMPARE(first["reused_tokens"].toInt(), 0);
        QCOMPARE(first["end"].toString(), QString("end_token"));
        QString said;
        QList<int> ids;
        for (const QJsonObject& note : m_engine.notifications) {
            const QJsonObject params = note["params"].toObject();
            QCOMPARE(params["id"].toInt(), 1);
            if (note["method"] != "token")
                continue;
            QVERIFY(!params["text"].toString().contains(QChar(0xFFFD)));
            said += params["text"].toString();
            if (params.contains("token_id"))
                ids.append(params["token_id"].toInt());
        }
        QCOMPARE(said, first["text"].toString());
        QCOMPARE(ids.size(), first["ids"].toArray().size());
        QCOMPARE(first["logprobs"].toArray().size(), first["ids"].toArray().size());

        const QString more = begin + "7717. @abc=";
        const QJsonObject second = generated(2, more);
        QCOMPARE(second["reused_tokens"].toInt(), 512);
        QVERIFY(second["prompt_tokens"].toInt() < 768);
        m_engine.request(3, "run",
                         {{"model", "builtin:needle"},
                          {"text", more},
                          {"output", m_folder.filePath("between.hwt")},
                          {"generate", 0}});
        QVERIFY(m_engine.answer(3).contains("result"));
        const QJsonObject again = generated(4, more);
        QCOMPARE(again["reused_tokens"].toInt(), 0);
        QCOMPARE(again["ids"], second["ids"]);
        QCOMPARE(again["logprobs"], second["logprobs"]);

        const QJsonObject stopped = generated(5, begin, {{"stop", QJsonArray{"71", "x"}}});
        QCOMPARE(stopped["text"].toString(), QString("7"));
        QCOMPARE(stopped["end"].toString(), QString("stop_string"));
        QCOMPARE(stopped["stop"].toString(), QString("71"));
        QCOMPARE(stopped["ids"].toArray().size(), 3);
        const QJsonObject hot{{"temperature", 50}, {"seed", 5}};
        const QJsonObject drawn = generated(6, begin, hot);
        QVERIFY(drawn["ids"] != first["ids"]);
        QCOMPARE(generated(7, begin, {{"temperature", 50}, {"seed", 5}, {"threads", 1}})["ids"],
                 drawn["ids"]);
        m_engine.request(8, "generate", {{"model", "builtin:needle"}, {"text", "a"}, {"top_p", 2}});
        QCOMPARE(m_engine.answer(8)["error"].toObject()["data"].toObject()["context"].toString(),
                 QString("top_p"));
    }

    void generate_isCancelled()
    {
        QString text = QString("The wind is mild and the boats lie at rest. ").repeated(2000);
        for (const char* phase : {"prefill", "generate"}) {
            const int id = 20 + int(text.size());
            // Greedy: what is drawn may end by chance before the cancel is heard.
            m_engine.request(id, "generate",
                             {{"model", "builtin:needle"}, {"text", text}, {"generate", 60000}});
            QJsonObject note;
            do {
                note = m_engine.receive();
                QVERIFY(!note.isEmpty());
            } while (note["params"].toObject()["phase"] != phase);
            m_engine.cancel(id);
            QCOMPARE(EngineProcess::codeOf(m_engine.answer(id)), QString("cancelled"));
            text = "abc";
        }
        m_engine.request(9, "generate", {{"model", "builtin:needle"}, {"text", "abc"}, {"generate", 2}});
        QVERIFY(m_engine.answer(9).contains("result"));
    }

    void cancel_isQuick_andLeavesAReadableTrace()
    {
        const QString trace = m_folder.filePath("b.hwt");
        const QString text = QString("The wind is mild and the boats lie at rest. ").repeated(1200) + "@abc=";
        m_engine.request(
            7, "run", {{"model", "builtin:needle"}, {"text", text}, {"output", trace}, {"select", "exact"}});
        QJsonObject first;
        do { // wait until it computes
            first = m_engine.receive();
            QVERIFY(!first.isEmpty());
        } while (first["params"].toObject()["phase"] != "prefill");
        m_engine.request(
            8, "run", {{"model", "builtin:needle"}, {"text", "a"}, {"output", m_folder.filePath("c.hwt")}});
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(8)), QString("unavailable")); // one run at a time
        m_engine.request(9, "tokenize", {{"model", "builtin:needle"}, {"text", "hello"}});
        QCOMPARE(m_engine.answer(9)["result"]["count"].toInt(), 6); // while the run goes on
        m_engine.request(10, "tokenize", {{"model", "builtin:needle"}, {"text", "a"}, {"text_tokens", true}});
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(10)), QString("invalid_argument"));
        m_engine.request(
            11, "estimate",
            {{"model", "builtin:needle"}, {"text", "a"}, {"output", trace}, {"encoding", "utf-16le"}});
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(11)), QString("invalid_argument"));
        m_engine.request(
            12, "estimate",
            {{"model", "builtin:needle"}, {"text", "a"}, {"prompt_file", "a.txt"}, {"output", trace}});
        QCOMPARE(m_engine.answer(12)["error"].toObject()["data"].toObject()["context"].toString(),
                 QString("prompt_file"));
        m_engine.cancel(7);
        const QJsonObject error = m_engine.answer(7)["error"].toObject();
        QCOMPARE(error["data"].toObject()["code"].toString(), QString("cancelled"));
        QCOMPARE(error["data"].toObject()["exit_code"].toInt(), 130);
        QProcess verify;
        verify.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), {"verify", trace});
        QVERIFY(verify.waitForFinished(-1));
        QCOMPARE(verify.exitCode(), 0);
    }

    /// `generate.estimate` takes what `generate` takes, and speaks of all that it does.
    void estimates_speakOfTheWholeJob()
    {
        const QJsonObject prompt{{"model", "builtin:needle"}, {"text", "a @k=v b @k="}};
        const auto ask = [&](int id, const QString& method, QJsonObject more) {
            for (auto it = prompt.begin(); it != prompt.end(); ++it)
                more[it.key()] = it.value();
            m_engine.request(id, method, more);
            return m_engine.answer(id);
        };
        const auto contextOf = [](const QJsonObject& refused) {
            return refused["error"].toObject()["data"].toObject()["context"].toString();
        };
        const QJsonObject answer = ask(1, "generate.estimate", {{"generate", 3000}})["result"].toObject();
        const QJsonObject run = ask(2, "estimate", {{"generate", 3000}})["result"].toObject();
        for (const QJsonObject& estimate : {answer, run}) {
            QCOMPARE(estimate["tokens"].toInt(), 13);
            QCOMPARE(estimate["generate"].toInt(), 3000);
            QVERIFY(estimate["generate_seconds"].toDouble() > 0);
            QVERIFY(estimate["seconds"].toDouble() > estimate["generate_seconds"].toDouble());
            QVERIFY(estimate["memory_bytes"].toDouble() > 0);
            QVERIFY(!estimate.contains("refused"));
        }
        QVERIFY(!answer.contains("trace_bytes"));
        QCOMPARE(ask(3, "estimate", {{"generate", 0}})["result"].toObject()["generate_seconds"].toDouble(),
                 0.0);
        QCOMPARE(contextOf(ask(4, "generate.estimate", {{"output", "a.hwt"}})),
                 QString("output")); // which `generate` does not take either
        const QJsonObject longer = ask(5, "generate.estimate", {{"generate", 65536}})["result"].toObject();
        QVERIFY(longer["memory_bytes"].toDouble() > answer["memory_bytes"].toDouble());
    }

    void cancel_whileAModelLoads_isHeard()
    {
        const QString slow = m_folder.filePath("slow.gguf");
        writeSlowModel(slow);
        m_engine.request(1, "tokenize", {{"model", slow}, {"text", "a"}});
        m_engine.request(2, "estimate", {{"model", slow}, {"text", "a"}});
        m_engine.request(3, "run",
                         {{"model", slow}, {"text", "a"}, {"output", m_folder.filePath("slow.hwt")}});
        m_engine.request(4, "status");
        const QJsonObject status = m_engine.answer(4);
        QCOMPARE(status["result"]["state"].toString(), QString("running"));
        for (const QJsonObject& note : m_engine.notifications) // neither of the three was answered first
            QCOMPARE(note["method"].toString(), QString("progress"));
        for (const int id : {2, 1, 3}) // one that waits for the worker, one under way, and the run
            m_engine.cancel(id);
        for (const int id : {2, 1, 3})
            QCOMPARE(EngineProcess::codeOf(m_engine.answer(id)), QString("cancelled"));
        m_engine.cancel(1); // answered: ignored
        m_engine.cancel(77);
        QVERIFY(!QFile::exists(m_folder.filePath("slow.hwt")));
        // The load itself goes on to its end and says what it found to the next who asks.
        m_engine.request(5, "tokenize", {{"model", "builtin:needle"}, {"text", "hello"}});
        QCOMPARE(m_engine.answer(5)["result"]["count"].toInt(), 6);
        m_engine.request(6, "tokenize", {{"model", slow}, {"text", "a"}});
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(6)), QString("bad_format"));
    }

    void tooManyWaitingRequests_areRefused()
    {
        const QString slow = m_folder.filePath("slow.gguf");
        writeSlowModel(slow);
        constexpr int kRequests = 80;
        for (int id = 1; id <= kRequests; ++id)
            m_engine.request(id, "tokenize", {{"model", slow}, {"text", "a"}});
        QCOMPARE(EngineProcess::codeOf(m_engine.answer(kRequests)), QString("unavailable"));
        for (int id = 1; id <= kRequests; ++id)
            m_engine.cancel(id);
    }

    void estimate_countsAndPrices()
    {
        m_engine.request(2, "estimate", {{"model", "builtin:needle"}, {"text", "hello"}});
        const QJsonObject result = m_engine.answer(2)["result"].toObject();
        QCOMPARE(result["tokens"].toInt(), 6); // BOS and five bytes
        QCOMPARE(result["select"].toString(), QString("exact"));
        QVERIFY(result["memory_bytes"].toDouble() > 0);
        m_engine.request(3, "tokenize", {{"model", "builtin:needle"}, {"text", "hello"}, {"ids", true}});
        QCOMPARE(m_engine.answer(3)["result"].toObject()["ids"].toArray().size(), 6);
    }

    void paths_areBytes_inBothDirections()
    {
        const QString folder = "file://" + m_folder.path() + "/";
        const std::string prompt = m_folder.path().toStdString() + "/caf\xe9\n.txt";
        std::ofstream(prompt) << "one two three";
        const QJsonObject params{{"model", "builtin:needle"},
                                 {"prompt_file", folder + "caf%E9%0A.txt"},
                                 {"output", folder + "%FF%20.hwt"},
                                 {"generate", 0}};
        m_engine.request(1, "run", params);
        const QJsonObject done = m_engine.answer(1)["result"].toObject();
        QCOMPARE(done["trace"].toString(), folder + "%FF%20.hwt");
        const std::string trace = m_folder.path().toStdString() + "/\xff .hwt";
        QVERIFY(std::filesystem::exists(trace));
        std::filesystem::remove(trace); // Qt's own removal of the folder would not
        std::filesystem::remove(prompt);
        m_engine.request(2, "estimate", params);
        QCOMPARE(m_engine.answer(2)["error"]["data"]["context"].toString(), folder + "caf%E9%0A.txt");
        QJsonObject foreign = params;
        foreign["prompt_file"] = "file://server/a.txt";
        m_engine.request(3, "estimate", foreign);
        const QJsonObject refused = m_engine.answer(3);
        QCOMPARE(refused["error"]["code"].toInt(), -32602);
        QCOMPARE(refused["error"]["data"]["context"].toString(), QString("prompt_file"));
    }

    void textTokens_areAParameter()
    {
        const QJsonObject params{{"model", HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf"},
                                 {"text", "a <|im_end|> b"},
                                 {"chat", "off"},
                                 {"ids", true}};
        const auto countOf = [&](int id, const char* textTokens) {
            QJsonObject now = params;
            if (textTokens)
                now["text_tokens"] = textTokens;
            m_engine.request(id, "tokenize", now);
            return m_engine.answer(id)["result"]["ids"].toArray().toVariantList().count(2);
        };
        QCOMPARE(countOf(1, nullptr), 1);
        QCOMPARE(countOf(2, "control"), 1);
        QCOMPARE(countOf(3, "plain"), 0);
        QJsonObject wrong = params;
        wrong["text_tokens"] = "both";
        m_engine.request(4, "tokenize", wrong);
        QCOMPARE(m_engine.answer(4)["error"]["data"]["context"].toString(), QString("text_tokens"));
    }

    void turns_areAParameter()
    {
        const QJsonArray turns{QJsonObject{{"role", "user"}, {"content", "one 'two'"}},
                               QJsonObject{{"role", "assistant"}, {"content", "three"}},
                               QJsonObject{{"role", "user"}, {"content", "four"}}};
        const QString trace = m_folder.filePath("turns.hwt");
        const QJsonObject params{{"model", "builtin:needle"},
                                 {"turns", turns},
                                 {"chat", "chatml"},
                                 {"output", trace},
                                 {"generate", 0}};
        m_engine.request(1, "estimate", params);
        const QJsonObject estimate = m_engine.answer(1)["result"].toObject();
        QCOMPARE(estimate["chat"].toString(), QString("chatml"));
        m_engine.request(2, "run", params);
        const QJsonObject result = m_engine.answer(2)["result"].toObject();
        QCOMPARE(result["prompt_tokens"], estimate["tokens"]);
        m_engine.request(3, "tokenize", {{"model", "builtin:needle"}, {"turns", turns}, {"chat", "chatml"}});
        QCOMPARE(m_engine.answer(3)["result"]["count"], estimate["tokens"]);
        // The command that the trace keeps says the same conversation.
        QProcess info;
        info.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), {"info", trace, "--json"});
        QVERIFY(info.waitForFinished(-1));
        const QString command =
            QJsonDocument::fromJson(info.readAllStandardOutput())["meta"]["command"].toString();
        QProcess again;
        again.start("sh",
                    {"-c", "\"$0\" " + command.mid(QString("headwater ").size()) + " --json",
                     QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater")});
        QVERIFY(again.waitForFinished(-1));
        QCOMPARE(QJsonDocument::fromJson(again.readAllStandardOutput())["prompt_tokens"],
                 result["prompt_tokens"]);

        QJsonObject raw = params;
        raw["chat"] = "auto"; // a model without a template: its text is raw, and has no turns
        m_engine.request(4, "estimate", raw);
        QVERIFY(m_engine.answer(4)["error"]["message"].toString().contains("3 turns without a chat format"));
        QJsonObject both = params;
        both["text"] = "a";
        m_engine.request(5, "estimate", both);
        QCOMPARE(m_engine.answer(5)["error"]["data"]["context"].toString(), QString("turns"));
        QJsonObject wrong = params;
        wrong["turns"] = QJsonArray{QJsonObject{{"role", "tool"}, {"content", "x"}}};
        m_engine.request(6, "estimate", wrong);
        QVERIFY(m_engine.answer(6)["error"]["message"].toString().contains("turn 0: role 'tool'"));
    }

    void predictions_areAParameter()
    {
        QJsonObject params{{"model", "builtin:needle"},
                           {"text", "one two three @abc=def four @abc="},
                           {"output", m_folder.filePath("p.hwt")},
                           {"generate", 0}};
        QJsonObject withThem = params;
        withThem["predictions"] = "on";
        m_engine.request(1, "estimate", withThem);
        QCOMPARE(m_engine.answer(1)["result"]["predictions"].toBool(), true);
        m_engine.request(2, "run", withThem);
        const QJsonObject ran = m_engine.answer(2)["result"].toObject();
        QCOMPARE(ran["predictions"]["of"].toString(), QString("model"));
        QCOMPARE(ran["predictions"]["tokens"].toInt(), ran["prompt_tokens"].toInt() - 1);
        QVERIFY(ran["predictions"]["mean_loss"].toDouble() > 0);
        params["predictions"] = "off";
        m_engine.request(3, "estimate", params);
        const QJsonObject estimate = m_engine.answer(3)["result"].toObject();
        QVERIFY(estimate["predictions"].isBool() && !estimate["predictions"].toBool());
        m_engine.request(4, "run", params);
        QVERIFY(!m_engine.answer(4)["result"].toObject().contains("predictions"));
        params["predictions"] = "yes";
        m_engine.request(5, "estimate", params);
        QCOMPARE(m_engine.answer(5)["error"]["data"]["context"].toString(), QString("predictions"));
    }

    /// What the form promises is what the run goes by, whatever the threads; and --force stays in the trace's
    /// command.
    void estimate_isThatOfTheRun()
    {
        const QString trace = m_folder.filePath("e.hwt");
        const QString text = QString("The wind is mild. ").repeated(300) + "@abc=";
        QJsonObject params{{"model", "builtin:needle"}, {"text", text}, {"output", trace}, {"check", true}};
        QList<double> seen;
        for (const int threads : {1, 5}) {
            params["threads"] = threads;
            params["force"] = threads == 5;
            m_engine.request(2 * threads, "estimate", params);
            const double estimated = m_engine.answer(2 * threads)["result"]["memory_bytes"].toDouble();
            m_engine.request(2 * threads + 1, "run", params);
            const QJsonObject result = m_engine.answer(2 * threads + 1)["result"].toObject();
            QVERIFY(estimated > 0);
            QCOMPARE(result["estimated_bytes"].toDouble(), estimated);
            QVERIFY(headwater::test::isSanitized() || result["peak_rss_bytes"].toDouble() <= estimated);
            seen.append(estimated);
            QProcess info;
            info.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), {"info", trace, "--json"});
            QVERIFY(info.waitForFinished(-1));
            const QJsonObject meta = QJsonDocument::fromJson(info.readAllStandardOutput())["meta"].toObject();
            QVERIFY(meta["command"].toString().startsWith("headwater run "));
            QCOMPARE(meta["command"].toString().contains(" --force "), threads == 5);
        }
        QVERIFY(seen[1] > seen[0]); // more threads, more scratch
    }

    void mistakes_areAnswered_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("context");
        QTest::newRow("not JSON") << QByteArray("{nonsense") << -32700 << "";
        QTest::newRow("no method") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9}") << -32600 << "";
        QTest::newRow("unknown method")
            << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"fly\"}") << -32601 << "method";
        QTest::newRow("unknown parameter")
            << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"model\":\"builtin:"
                          "needle\",\"text\":\"a\",\"wings\":2}}")
            << -32602 << "wings";
        QTest::newRow("wrong type") << QByteArray(
            "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"model\":\"builtin:needle\","
            "\"text\":\"a\",\"keep_keys\":\"x\"}}")
                                    << -32602 << "keep_keys";
        const auto run = [](const QByteArray& members) {
            return "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"model\":\"builtin:"
                   "needle\",\"output\":\"o.hwt\","
                + members + "}}";
        };
        QTest::newRow("no output") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\","
                                                 "\"params\":{\"model\":\"builtin:needle\",\"text\":\"a\"}}")
                                   << -32602 << "output";
        QTest::newRow("block no power of two") << run("\"text\":\"a\",\"block_q\":12") << -32602 << "block_q";
        QTest::newRow("key block too large") << run("\"text\":\"a\",\"block_k\":512") << -32602 << "block_k";
        QTest::newRow("no budget") << run("\"text\":\"a\",\"keep_keys\":0") << -32602 << "keep_keys";
        QTest::newRow("too many levels")
            << run("\"text\":\"a\",\"tree_levels\":7") << -32602 << "tree_levels";
        QTest::newRow("no beam") << run("\"text\":\"a\",\"beam\":0") << -32602 << "beam";
        QTest::newRow("nothing to open") << run("\"text\":\"a\",\"open\":0") << -32602 << "open";
        QTest::newRow("no such selection") << run("\"text\":\"a\",\"select\":\"best\"") << -32602 << "select";
        QTest::newRow("no probability") << run("\"text\":\"a\",\"keep_peak\":2") << -32602 << "keep_peak";
        QTest::newRow("too many threads") << run("\"text\":\"a\",\"threads\":100000") << -32602 << "threads";
        QTest::newRow("expect without check") << run("\"text\":\"a\",\"expect\":\"b\"") << -32602 << "expect";
        QTest::newRow("expect nothing")
            << run("\"text\":\"a\",\"check\":true,\"expect\":\" \"") << -32602 << "expect";
        QTest::newRow("no such chat") << run("\"text\":\"a\",\"chat\":\"zulu\"") << -32602 << "chat";
        QTest::newRow("prompt from our own input") << run("\"prompt_file\":\"-\"") << -32602 << "prompt_file";
        QTest::newRow("missing prompt file") << run("\"prompt_file\":\"none.txt\"") << -32000 << "none.txt";
        QTest::newRow("no model") << QByteArray(
            "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"text\":\"a\"}}")
                                  << -32602 << "model";
    }

    void mistakes_areAnswered()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        QFETCH(QString, context);
        m_engine.send(body);
        QJsonObject message = m_engine.receive();
        while (message["method"] == "progress") // some mistakes are found when the model is there
            message = m_engine.receive();
        const QJsonObject error = message["error"].toObject();
        QVERIFY2(error["code"].toInt() == code, QJsonDocument(error).toJson().constData());
        QCOMPARE(error["data"].toObject()["context"].toString(), context);
        m_engine.request(10, "status");
        QCOMPARE(m_engine.answer(10)["result"].toObject()["state"].toString(),
                 QString("idle")); // it lives on
    }
};

QTEST_GUILESS_MAIN(TstServe)
#include "tst_serve.moc"
