// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "ui/bridge/message_framer.h"

#include <QTest>
#include <span>

using namespace headwater;

namespace {

QByteArray withAttachment(const QByteArray& bytes)
{
    const std::uint64_t hash =
        xxh3(std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
    return "Content-Length: 2\r\nAttachment-Length: " + QByteArray::number(bytes.size())
        + "\r\nAttachment-Hash: " + QByteArray::number(qulonglong(hash), 16) + "\r\n\r\n{}" + bytes;
}

} // namespace

class TestMessageFramer : public QObject {
    Q_OBJECT

private slots:
    void frame_readBack_isEqual_whateverTheChunks()
    {
        const nlohmann::json first{{"id", 1}, {"text", "naïve “quotes” 🙂"}};
        const nlohmann::json second{{"id", 2}};
        const QByteArray stream = MessageFramer::frame(first) + MessageFramer::frame(second);
        for (qsizetype chunk = 1; chunk <= stream.size(); ++chunk) {
            MessageFramer framer;
            std::vector<nlohmann::json> read;
            for (qsizetype at = 0; at < stream.size(); at += chunk) {
                framer.append(stream.mid(at, chunk));
                for (;;) {
                    const auto message = framer.next();
                    QVERIFY(message.has_value());
                    if (!message->has_value())
                        break;
                    read.push_back((**message).body);
                }
            }
            QCOMPARE(read.size(), std::size_t{2});
            QVERIFY(read[0] == first);
            QVERIFY(read[1] == second);
        }
    }

    void frame_invalidUtf8_isReplacedNotThrown()
    {
        const QByteArray bytes = MessageFramer::frame({{"text", std::string("a\xff\xfe") + "b"}});
        MessageFramer framer;
        framer.append(bytes);
        const auto message = framer.next();
        QVERIFY(message.has_value() && message->has_value());
        QCOMPARE((**message).body["text"].get<std::string>(),
                 std::string("a\xef\xbf\xbd\xef\xbf\xbd"
                             "b"));
    }

    void otherHeaderFields_areIgnored()
    {
        MessageFramer framer;
        framer.append("Content-Type: application/json\r\ncontent-length:  2 \r\n\r\n{}");
        const auto message = framer.next();
        QVERIFY(message.has_value() && message->has_value());
    }

    void attachments_followTheirMessage_whateverTheChunks()
    {
        const QByteArray numbers("\0\1\r\n\r\n\2", 7); // holds what ends a header
        const QByteArray stream = withAttachment(numbers) + MessageFramer::frame({{"id", 2}});
        for (qsizetype chunk = 1; chunk <= stream.size(); ++chunk) {
            MessageFramer framer;
            std::vector<EngineMessage> read;
            for (qsizetype at = 0; at < stream.size(); at += chunk) {
                framer.append(stream.mid(at, chunk));
                for (;;) {
                    const auto message = framer.next();
                    QVERIFY(message.has_value());
                    if (!message->has_value())
                        break;
                    read.push_back(**message);
                }
            }
            QCOMPARE(read.size(), std::size_t{2});
            QCOMPARE(read[0].attachment, numbers);
            QVERIFY(read[1].attachment.isEmpty());
        }
    }

    void malformed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("no length") << QByteArray("Content-Type: x\r\n\r\n{}");
        QTest::newRow("not a number") << QByteArray("Content-Length: many\r\n\r\n{}");
        QTest::newRow("negative") << QByteArray("Content-Length: -2\r\n\r\n{}");
        QTest::newRow("overflow") << QByteArray("Content-Length: 99999999999999999999\r\n\r\n{}");
        QTest::newRow("too long") << QByteArray("Content-Length: 68719476736\r\n\r\n{}");
        QTest::newRow("not JSON") << QByteArray("Content-Length: 2\r\n\r\n}{");
        QTest::newRow("not an object") << QByteArray("Content-Length: 2\r\n\r\n[]");
        QTest::newRow("endless header") << QByteArray(5000, 'x');
        QTest::newRow("header too long") << QByteArray(5000, 'x') + "\r\n\r\n";
        QByteArray changed = withAttachment("numbers");
        changed.back() = 'S';
        QTest::newRow("attachment changed") << changed;
        QTest::newRow("attachment without hash")
            << QByteArray("Content-Length: 2\r\nAttachment-Length: 1\r\n\r\n{}a");
        QTest::newRow("attachment too long")
            << QByteArray("Content-Length: 2\r\nAttachment-Length: 68719476736\r\n\r\n{}");
        QTest::newRow("attachment of no length")
            << QByteArray("Content-Length: 2\r\nAttachment-Length: some\r\n\r\n{}");
        QTest::newRow("truncated UTF-8") << QByteArray("Content-Length: 9\r\n\r\n{\"a\":\"\xe2\"}");
    }

    void malformed()
    {
        QFETCH(QByteArray, bytes);
        MessageFramer framer;
        framer.append(bytes);
        const auto message = framer.next();
        QVERIFY(!message.has_value());
        QCOMPARE(message.error().code, ErrorCode::BadFormat);
    }
};

QTEST_APPLESS_MAIN(TestMessageFramer)
#include "tst_message_framer.moc"
