// SPDX-License-Identifier: Apache-2.0
// `headwater serve` against docs/engine_protocol.md, as a client sees it.
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TstServe : public QObject {
    Q_OBJECT

private:
    void send(const QByteArray& body)
    {
        m_engine.write("Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }

    void request(int id, const QString& method, const QJsonObject& params = {})
    {
        send(QJsonDocument(QJsonObject {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}).toJson());
    }

    /// The next message, an empty object when none comes.
    QJsonObject receive()
    {
        for (;;) {
            const qsizetype end = m_buffer.indexOf("\r\n\r\n");
            if (end >= 0) {
                const qsizetype length = m_buffer.mid(16, end - 16).toLongLong();
                if (m_buffer.size() >= end + 4 + length) {
                    const QJsonObject message = QJsonDocument::fromJson(m_buffer.mid(end + 4, length)).object();
                    m_buffer.remove(0, end + 4 + length);
                    return message;
                }
            }
            if (!m_engine.waitForReadyRead(60000))
                return {};
            m_buffer += m_engine.readAllStandardOutput();
        }
    }

    /// The answer to `id`; notifications before it go to m_notifications.
    QJsonObject answer(int id)
    {
        for (;;) {
            const QJsonObject message = receive();
            if (message.isEmpty() || message["id"].toInt(-1) == id)
                return message;
            m_notifications.append(message);
        }
    }

    QProcess m_engine;
    QByteArray m_buffer;
    QList<QJsonObject> m_notifications;
    QTemporaryDir m_folder;

private slots:
    void init()
    {
        m_buffer.clear();
        m_notifications.clear();
        m_engine.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), {"serve"});
        QVERIFY(m_engine.waitForStarted());
    }

    void cleanup()
    {
        m_engine.closeWriteChannel();
        QVERIFY(m_engine.waitForFinished(10000)); // end of input ends the process
        QCOMPARE(m_engine.exitCode(), 0);
    }

    void initialize_namesTheModels()
    {
        request(1, "initialize", {{"protocol", 1}});
        const QJsonObject result = answer(1)["result"].toObject();
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
        request(4, "run", {{"model", "builtin:needle"}, {"text", text}, {"output", trace}, {"generate", 8}});
        const QJsonObject result = answer(4)["result"].toObject();
        QCOMPARE(result["generated"].toObject()["text"].toString(), QString("77"));
        QVERIFY(QFile::exists(trace));
        QList<int> layers;
        QString said;
        for (const QJsonObject& note : m_notifications) {
            QCOMPARE(note["params"].toObject()["id"].toInt(), 4);
            if (note["params"].toObject()["finished_layer"].isDouble()) {
                layers.append(note["params"].toObject()["finished_layer"].toInt());
                QCOMPARE(note["params"].toObject()["trace"].toString(), trace);
            }
            if (note["method"] == "token")
                said += note["params"].toObject()["text"].toString();
        }
        QCOMPARE(layers, (QList<int> {0, 1, 2}));
        QCOMPARE(said, QString("77"));
        request(5, "status");
        QCOMPARE(answer(5)["result"].toObject()["state"].toString(), QString("idle"));
    }

    void cancel_isQuick_andLeavesAReadableTrace()
    {
        const QString trace = m_folder.filePath("b.hwt");
        const QString text = QString("The wind is mild and the boats lie at rest. ").repeated(1200) + "@abc=";
        request(7, "run", {{"model", "builtin:needle"}, {"text", text}, {"output", trace}, {"select", "exact"}});
        QJsonObject first;
        do { // wait until it computes
            first = receive();
            QVERIFY(!first.isEmpty());
        } while (first["params"].toObject()["phase"] != "prefill");
        request(8, "run", {{"model", "builtin:needle"}, {"text", "a"}});
        QCOMPARE(answer(8)["error"].toObject()["data"].toObject()["code"].toString(), QString("unavailable")); // one run at a time
        send(QByteArray("{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":7}}"));
        const QJsonObject error = answer(7)["error"].toObject();
        QCOMPARE(error["data"].toObject()["code"].toString(), QString("cancelled"));
        QCOMPARE(error["data"].toObject()["exit_code"].toInt(), 130);
        QProcess verify;
        verify.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), {"verify", trace});
        QVERIFY(verify.waitForFinished());
        QCOMPARE(verify.exitCode(), 0);
    }

    void estimate_countsAndPrices()
    {
        request(2, "estimate", {{"model", "builtin:needle"}, {"text", "hello"}});
        const QJsonObject result = answer(2)["result"].toObject();
        QCOMPARE(result["tokens"].toInt(), 6); // BOS and five bytes
        QCOMPARE(result["select"].toString(), QString("exact"));
        QVERIFY(result["memory_bytes"].toDouble() > 0);
        request(3, "tokenize", {{"model", "builtin:needle"}, {"text", "hello"}, {"ids", true}});
        QCOMPARE(answer(3)["result"].toObject()["ids"].toArray().size(), 6);
    }

    void mistakes_areAnswered_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("context");
        QTest::newRow("not JSON") << QByteArray("{nonsense") << -32700 << "";
        QTest::newRow("no method") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9}") << -32600 << "";
        QTest::newRow("unknown method") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"fly\"}") << -32601 << "method";
        QTest::newRow("unknown parameter")
            << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"model\":\"builtin:needle\",\"text\":\"a\",\"wings\":2}}")
            << -32602 << "wings";
        QTest::newRow("wrong type")
            << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"model\":\"builtin:needle\",\"text\":\"a\",\"keep_keys\":\"x\"}}")
            << -32602 << "keep_keys";
        QTest::newRow("no model") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"run\",\"params\":{\"text\":\"a\"}}") << -32602 << "model";
    }

    void mistakes_areAnswered()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        QFETCH(QString, context);
        send(body);
        const QJsonObject error = receive()["error"].toObject();
        QCOMPARE(error["code"].toInt(), code);
        QCOMPARE(error["data"].toObject()["context"].toString(), context);
        request(10, "status");
        QCOMPARE(answer(10)["result"].toObject()["state"].toString(), QString("idle")); // it lives on
    }
};

QTEST_GUILESS_MAIN(TstServe)
#include "tst_serve.moc"
