// SPDX-License-Identifier: Apache-2.0
// What bytes say of themselves: their encoding, and whose files they are.
#include "core/base/file_content.h"
#include "core/base/text_encoding.h"

#include <QStringEncoder>
#include <QTest>

using namespace headwater;

namespace {

QByteArray encoded(const QString& text, QStringConverter::Encoding encoding, bool withMark)
{
    QStringEncoder encoder(encoding,
                           withMark ? QStringConverter::Flag::WriteBom : QStringConverter::Flag::Default);
    return encoder.encode(text);
}

} // namespace

class TstTextEncoding : public QObject {
    Q_OBJECT

private slots:
    void encoding_isTold_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("name"); // empty: nothing to say
        const QString text = QStringLiteral("Zwölf Boxkämpfer, 日本語 and 😀.\r\n");
        using enum QStringConverter::Encoding;
        const QString latin = QStringLiteral("one line\nand a short one\n");
        for (const QString& of : {text, latin}) {
            const QByteArray which = of == text ? "all scripts" : "ASCII";
            for (const auto& [encoding, name] :
                 {std::pair{Utf16LE, "UTF-16LE"}, std::pair{Utf16BE, "UTF-16BE"},
                  std::pair{Utf32LE, "UTF-32LE"}, std::pair{Utf32BE, "UTF-32BE"}, std::pair{Utf8, "UTF-8"}})
                QTest::newRow(which + ", " + name + " with a mark")
                    << encoded(of, encoding, true) << QByteArray(name);
            QTest::newRow(which + ", UTF-8") << of.toUtf8() << QByteArray();
            QTest::newRow(which + ", UTF-16LE") << encoded(of, Utf16LE, false) << QByteArray("UTF-16LE");
            QTest::newRow(which + ", UTF-16BE") << encoded(of, Utf16BE, false) << QByteArray("UTF-16BE");
            QTest::newRow(which + ", UTF-32LE") << encoded(of, Utf32LE, false) << QByteArray("UTF-32LE");
            QTest::newRow(which + ", UTF-32BE") << encoded(of, Utf32BE, false) << QByteArray("UTF-32BE");
        }
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("a mark alone") << QByteArray("\xEF\xBB\xBF") << QByteArray("UTF-8");
        QTest::newRow("a NUL in a text") << QByteArray("one\0two three", 13) << QByteArray();
        QTest::newRow("Latin-1") << QByteArray("na\xefve") << QByteArray();
        QTest::newRow("bytes that begin as a mark")
            << QByteArray("\xff\xfe abc \xc3 x\0y", 12) << QByteArray();
        QByteArray every;
        for (int byte = 0; byte < 256; ++byte)
            every.append(static_cast<char>(byte));
        QTest::newRow("every byte") << every << QByteArray();
    }

    void encoding_isTold()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, name);
        const auto sign = encodingOf({bytes.constData(), static_cast<std::size_t>(bytes.size())});
        QCOMPARE(QByteArray::fromStdString(sign ? sign->name : ""), name);
        if (!sign)
            return;
        const auto text = toUtf8({bytes.constData(), static_cast<std::size_t>(bytes.size())}, sign->name);
        QVERIFY2(text, text ? "" : text.error().text().c_str());
        QVERIFY(!text->starts_with("\xEF\xBB\xBF"));
    }

    /// A file that was cut, or to which `echo` added a line's end.
    void encoding_ofHalfACharacterAtTheEnd_isTold()
    {
        const QString text = QStringLiteral("Zwölf Boxkämpfer, 日本語 and 😀.\r\n");
        using enum QStringConverter::Encoding;
        for (const auto& [encoding, name] :
             {std::pair{Utf16LE, "UTF-16LE"}, std::pair{Utf16BE, "UTF-16BE"}, std::pair{Utf32LE, "UTF-32LE"},
              std::pair{Utf32BE, "UTF-32BE"}}) {
            const std::string bytes = (encoded(text, encoding, true) + '\n').toStdString();
            const auto sign = encodingOf(bytes);
            QVERIFY2(sign && sign->name == name, name);
            const auto converted = toUtf8(bytes, name);
            QVERIFY(!converted && converted.error().text().find("ends within") != std::string::npos);
        }
    }

    void conversion_isExact()
    {
        const QString text = QStringLiteral("Zwölf Boxkämpfer, 日本語 and 😀.\r\n").repeated(5000);
        using enum QStringConverter::Encoding;
        for (const auto& [encoding, name] : {std::pair{Utf16LE, "utf-16le"}, std::pair{Utf16BE, "UTF-16BE"},
                                             std::pair{Utf32LE, "utf-32le"}, std::pair{Utf8, "utf-8"}}) {
            for (const bool withMark : {false, true}) {
                const QByteArray bytes = encoded(text, encoding, withMark);
                const auto converted =
                    toUtf8({bytes.constData(), static_cast<std::size_t>(bytes.size())}, name);
                QVERIFY2(converted, converted ? "" : converted.error().text().c_str());
                QVERIFY(QByteArray::fromStdString(*converted) == text.toUtf8());
            }
        }
        // Whose letters may be followed by a mark: the last one is held until the end is known.
        QCOMPARE(*toUtf8("abc", "windows-1258"), std::string("abc"));
        QCOMPARE(*toUtf8("na\xefve \x80", "windows-1252"), std::string("na\xc3\xafve \xe2\x82\xac"));
    }

    void conversion_refusesWhatIsNotOfTheEncoding_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("encoding");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const int bad = static_cast<int>(ErrorCode::BadFormat);
        const int wrong = static_cast<int>(ErrorCode::InvalidArgument);
        QTest::newRow("a lone surrogate") << QByteArray("a\0\0\xd8"
                                                        "b\0",
                                                        6)
                                          << QByteArray("utf-16le") << bad << QByteArray("byte 2");
        QTest::newRow("half a unit") << QByteArray("a\0b", 3) << QByteArray("utf-16le") << bad
                                     << QByteArray("ends within");
        QTest::newRow("not UTF-8") << QByteArray("ab\xff") << QByteArray("utf-8") << bad
                                   << QByteArray("byte 2");
        QTest::newRow("no such name")
            << QByteArray("a") << QByteArray("no-such-encoding") << wrong << QByteArray("no encoding");
        QTest::newRow("no name") << QByteArray("a") << QByteArray("") << wrong << QByteArray("no encoding");
    }

    void conversion_refusesWhatIsNotOfTheEncoding()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, encoding);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        const auto text =
            toUtf8({bytes.constData(), static_cast<std::size_t>(bytes.size())}, encoding.toStdString());
        QVERIFY(!text);
        QCOMPARE(static_cast<int>(text.error().code), code);
        QVERIFY2(text.error().message.find(says.toStdString()) != std::string::npos,
                 text.error().text().c_str());
    }

    void content_isNamed_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<QByteArray>("what"); // empty: no sign of its own
        const auto row = [](const char* what, const QByteArray& head) {
            QTest::newRow(head.left(20).toPercentEncoding()) << head << QByteArray(what);
        };
        row("HTML", "<!DOCTYPE html><html><head>");
        row("HTML", "\xEF\xBB\xBF\n  <HTML lang=\"en\">");
        row("Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        row("JSON", "{\"error\":\"Invalid username or password.\"}");
        row("XML", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>");
        row("PNG", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
        row("JPEG", "\xFF\xD8\xFF\xE0");
        row("PDF", "%PDF-1.7\n");
        row("zip", QByteArray("PK\x03\x04\x14\0", 6));
        row("gzip", QByteArray("\x1F\x8B\x08\0", 4));
        row("safetensors", QByteArray("\x40\0\0\0\0\0\0\0{\"__metadata__\"", 23));
        row("pickle", QByteArray("\x80\x02}q\0", 5));
        row("GGML", "tjgg\3");
        row("GGUF", "GGUF\3");
        row("SQLite", QByteArray("SQLite format 3\0", 16));
        row("NumPy", "\x93NUMPY\1");
        row("zero bytes", QByteArray(64, '\0'));
        row("empty", "");
        row("", "Once upon a time");
        row("", "<p> is how HTML writes a paragraph");
        row("", "{ braces alone }");
        row("", "\xff\xfe\xfd");
    }

    void content_isNamed()
    {
        QFETCH(QByteArray, head);
        QFETCH(QByteArray, what);
        const auto content = contentOf({head.constData(), static_cast<std::size_t>(head.size())},
                                       head.isEmpty() ? 0 : 1'000'000);
        QCOMPARE(content.has_value(), !what.isEmpty());
        if (content)
            QVERIFY2(content->what.find(what.toStdString()) != std::string_view::npos, content->what.data());
    }
};

QTEST_APPLESS_MAIN(TstTextEncoding)
#include "tst_text_encoding.moc"
