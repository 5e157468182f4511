// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"
#include "core/base/message_frames.h"

#include <QTest>
#include <span>

using namespace headwater;

namespace {

constexpr std::size_t kMost = FrameReader::kLargestAttachment;

std::string_view viewOf(const QByteArray& bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

/// All messages of a stream that comes in chunks; what is left over, or an error, fails the test.
std::vector<FramedMessage> readIn(const QByteArray& stream, qsizetype chunk)
{
    FrameReader frames("engine", kMost);
    std::vector<FramedMessage> read;
    for (qsizetype at = 0; at < stream.size(); at += chunk) {
        frames.append(viewOf(stream.mid(at, chunk)));
        for (;;) {
            auto message = frames.next();
            if (!message || !*message) {
                if (!message)
                    read.clear();
                break;
            }
            read.push_back(std::move(**message));
        }
    }
    if (!frames.isEmpty())
        read.clear();
    return read;
}

QByteArray withAttachment(const QByteArray& bytes)
{
    const std::uint64_t hash = xxh3(std::as_bytes(std::span(viewOf(bytes))));
    return "Content-Length: 2\r\nAttachment-Length: " + QByteArray::number(bytes.size())
        + "\r\nAttachment-Hash: " + QByteArray::number(qulonglong(hash), 16) + "\r\n\r\n{}" + bytes;
}

} // namespace

class TestMessageFrames : public QObject {
    Q_OBJECT

private slots:
    void framed_readBack_isEqual_whateverTheChunks()
    {
        const nlohmann::json first{{"id", 1}, {"text", "naïve “quotes” 🙂"}};
        const nlohmann::json second{{"id", 2}};
        const QByteArray stream = QByteArray::fromStdString(framed(first) + framed(second));
        for (qsizetype chunk = 1; chunk <= stream.size(); ++chunk) {
            const std::vector<FramedMessage> read = readIn(stream, chunk);
            QCOMPARE(read.size(), std::size_t{2});
            QVERIFY(read[0].body == first);
            QVERIFY(read[1].body == second);
        }
    }

    void framed_invalidUtf8_isReplacedNotThrown()
    {
        const std::string bytes = framed({{"text", std::string("a\xff\xfe") + "b"}});
        const std::vector<FramedMessage> read = readIn(QByteArray::fromStdString(bytes), 100);
        QCOMPARE(read.size(), std::size_t{1});
        QCOMPARE(read[0].body["text"].get<std::string>(),
                 std::string("a\xef\xbf\xbd\xef\xbf\xbd"
                             "b"));
    }

    void framed_attachment_isCountedAndHashed()
    {
        const std::string numbers("\0\1\r\n\r\n\2", 7); // holds what ends a header
        const QByteArray bytes =
            QByteArray::fromStdString(framed(nlohmann::json::object(), numbers) + numbers);
        QCOMPARE(bytes, withAttachment(QByteArray::fromStdString(numbers)));
    }

    void otherHeaderFields_areIgnored()
    {
        const std::vector<FramedMessage> read =
            readIn("Content-Type: application/json\r\ncontent-length:  2 \r\n\r\n{}", 100);
        QCOMPARE(read.size(), std::size_t{1});
        QVERIFY(read[0].body.is_object());
    }

    void notJson_isDiscarded_andTheNextMessageIsRead()
    {
        for (const char* const body : {"}{", "{\"a\":\"\xe2\"}"}) {
            const QByteArray bytes(body);
            const std::vector<FramedMessage> read =
                readIn("Content-Length: " + QByteArray::number(bytes.size()) + "\r\n\r\n" + bytes
                           + "Content-Length: 1\r\n\r\n7",
                       3);
            QCOMPARE(read.size(), std::size_t{2});
            QVERIFY(read[0].body.is_discarded());
            QVERIFY(read[1].body == 7);
        }
    }

    void attachments_followTheirMessage_whateverTheChunks()
    {
        const QByteArray numbers("\0\1\r\n\r\n\2", 7); // holds what ends a header
        const QByteArray stream = withAttachment(numbers) + QByteArray::fromStdString(framed({{"id", 2}}));
        for (qsizetype chunk = 1; chunk <= stream.size(); ++chunk) {
            const std::vector<FramedMessage> read = readIn(stream, chunk);
            QCOMPARE(read.size(), std::size_t{2});
            QCOMPARE(QByteArray::fromStdString(read[0].attachment), numbers);
            QVERIFY(read[1].attachment.empty());
        }
    }

    void malformed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("found");
        const auto row = [](const char* name, const QByteArray& bytes, const char* found) {
            QTest::newRow(name) << bytes << QByteArray(found);
        };
        row("no length", "Content-Type: x\r\n\r\n{}", "a header without a Content-Length");
        row("not a number", "Content-Length: many\r\n\r\n{}", "a header without a Content-Length");
        row("negative", "Content-Length: -2\r\n\r\n{}", "a header without a Content-Length");
        row("overflow", "Content-Length: 99999999999999999999\r\n\r\n{}",
            "a header without a Content-Length");
        row("too long", "Content-Length: 68719476736\r\n\r\n{}",
            "a message of 68719476736 bytes, expected at most 67108864");
        row("endless header", QByteArray(5000, 'x'), "a header of more than 4096 bytes");
        row("header too long", QByteArray(5000, 'x') + "\r\n\r\n", "a header of more than 4096 bytes");
        QByteArray changed = withAttachment("numbers");
        changed.back() = 'S';
        row("attachment changed", changed, "an attachment whose bytes are not those that were sent");
        row("attachment without hash", "Content-Length: 2\r\nAttachment-Length: 1\r\n\r\n{}a",
            "an attachment whose bytes are not those that were sent");
        row("attachment too long", "Content-Length: 2\r\nAttachment-Length: 68719476736\r\n\r\n{}",
            "an attachment of 68719476736 bytes, expected at most 268435456");
        row("attachment of no length", "Content-Length: 2\r\nAttachment-Length: some\r\n\r\n{}",
            "an attachment of some bytes, expected at most 268435456");
    }

    void malformed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, found);
        FrameReader frames("engine", kMost);
        frames.append(viewOf(bytes));
        const auto message = frames.next();
        QVERIFY(!message.has_value());
        QCOMPARE(message.error().code, ErrorCode::BadFormat);
        QCOMPARE(message.error().context, std::string("engine"));
        QCOMPARE(QByteArray::fromStdString(message.error().message),
                 found + ", which does not follow docs/engine_protocol.md");
    }

    void attachment_whereNoneIsExpected_isRefusedBeforeItComes()
    {
        FrameReader frames("engine", 0);
        const QByteArray whole = withAttachment("numbers");
        frames.append(viewOf(whole.left(whole.size() - 7)));
        const auto message = frames.next();
        QVERIFY(!message.has_value());
        QVERIFY(message.error().message.starts_with("an attachment of 7 bytes, expected at most 0"));
    }
};

QTEST_APPLESS_MAIN(TestMessageFrames)
#include "tst_message_frames.moc"
