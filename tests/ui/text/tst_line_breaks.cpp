// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/line_breaks.h"

#include "core/base/text.h"
#include "ui/text/prose_bytes.h"
#include "ui/text/prose_line.h"
#include "ui/theme/fonts.h"

#include <QTest>
#include <random>
#include <string>

using namespace headwater;

class TestLineBreaks : public QObject {
    Q_OBJECT

    static double widthOf(std::string_view text, std::uint32_t begin, std::uint32_t end,
                          GlyphAdvances& advances)
    {
        double width = 0;
        while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\t'))
            --end;
        for (std::uint32_t at = begin; at < end;) {
            const ProseStep step = stepAt(text, at);
            width += step.isEscaped ? advances.ofEscape(step.bytes) : advances.of(step.character);
            at += step.bytes;
        }
        return width;
    }

private slots:
    void stepsThroughBytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("shown");
        QTest::newRow("ascii") << QByteArray("ab c") << QStringLiteral("ab c");
        QTest::newRow("two, three and four bytes") << QByteArray("é€😀") << QString::fromUtf8("é€😀");
        QTest::newRow("control") << QByteArray("a\x1b[0m\x7f") << QStringLiteral("a\\x1b[0m\\x7f");
        QTest::newRow("nul") << QByteArray("a\0b", 3) << QStringLiteral("a\\x00b");
        QTest::newRow("c1 control") << QByteArray("\xc2\x85") << QStringLiteral("\\u0085");
        QTest::newRow("bidi control") << QByteArray("a\xe2\x80\xae") << QStringLiteral("a\\u202e");
        QTest::newRow("stray continuation") << QByteArray("a\x80") << QStringLiteral("a\\x80");
        QTest::newRow("cut short") << QByteArray("\xe2\x82") << QStringLiteral("\\xe2\\x82");
        QTest::newRow("over-long") << QByteArray("\xc0\xaf") << QStringLiteral("\\xc0\\xaf");
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QStringLiteral("\\xed\\xa0\\x80");
        QTest::newRow("beyond Unicode")
            << QByteArray("\xf5\x80\x80\x80") << QStringLiteral("\\xf5\\x80\\x80\\x80");
        QTest::newRow("tab") << QByteArray("a\tb") << QStringLiteral("a    b");
    }

    void stepsThroughBytes()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, shown);
        const std::string_view text(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        const ProseLine line(text, paragraphAt(text, 0), 0, static_cast<std::uint32_t>(text.size()),
                             wordsFont(13), Qt::gray);
        QCOMPARE(line.text(), shown);
    }

    void stepsAgreeWithUtf8Validity()
    {
        std::mt19937_64 random(5);
        for (int round = 0; round < 3000; ++round) {
            std::string bytes;
            for (int i = 0; i < 6; ++i)
                bytes += static_cast<char>(random() % 4 == 0 ? random() % 128 : 128 + random() % 128);
            bool isValid = true;
            std::uint32_t steps = 0;
            for (std::size_t at = 0; at < bytes.size(); at += steps) {
                const ProseStep step = stepAt(bytes, at);
                steps = step.bytes;
                isValid = isValid && !(step.isEscaped && step.bytes == 1 && step.character >= 0x80);
            }
            QCOMPARE(isValid, isUtf8(bytes));
        }
    }

    void linesCoverTheTextAndFit()
    {
        std::mt19937_64 random(3);
        std::string text;
        for (int i = 0; i < 20000; ++i) {
            text += std::string(1 + random() % 11, static_cast<char>('a' + random() % 26));
            text += random() % 40 == 0 ? "\n" : random() % 30 == 0 ? "\t" : " ";
        }
        for (const double width : {160.0, 400.0, 1200.0}) {
            const auto index = indexLines(text, width, wordsFont(13), {});
            QVERIFY(index.has_value());
            GlyphAdvances advances(wordsFont(13));
            QCOMPARE(index->begins.front(), 0u);
            for (std::size_t i = 0; i < index->begins.size(); ++i) {
                const std::uint32_t begin = index->begins[i];
                const auto end = i + 1 < index->begins.size() ? index->begins[i + 1]
                                                              : static_cast<std::uint32_t>(text.size());
                QVERIFY(i + 1 == index->begins.size() || end > begin);
                QVERIFY(widthOf(text, begin, end, advances) <= width + 1e-6);
                QCOMPARE(index->lineOf(begin), i);
                // Words of at most 11 letters fit: lines end behind white space.
                QVERIFY(end == text.size() || std::isspace(static_cast<unsigned char>(text[end - 1])));
            }
        }
    }

    void hardCasesEnd_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("a million letters") << QByteArray(1000000, 'x');
        QTest::newRow("a million spaces") << QByteArray(1000000, ' ');
        QTest::newRow("a million newlines") << QByteArray(1000000, '\n');
        QTest::newRow("a million bad bytes") << QByteArray(1000000, '\xff');
        QTest::newRow("ideographs") << QByteArray("\xe6\xbc\xa2").repeated(100000);
        QTest::newRow("empty") << QByteArray();
    }

    void hardCasesEnd()
    {
        QFETCH(QByteArray, text);
        const auto index =
            indexLines({text.constData(), static_cast<std::size_t>(text.size())}, 300, wordsFont(13), {});
        QVERIFY(index.has_value());
        for (std::size_t i = 1; i < index->begins.size(); ++i)
            QVERIFY(index->begins[i] > index->begins[i - 1]);
        QVERIFY(index->begins.size() <= static_cast<std::size_t>(text.size()) + 1);
    }

    void stopsWhenAsked()
    {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!indexLines(std::string(1u << 20, 'a'), 300, wordsFont(13), stop.get_token()));
    }

    void aTokenInsideACharacterHasItsPlace()
    {
        const std::string text = "ab \xf0\x9f\x98\x80 cd\n"; // an emoji of four one-byte tokens
        const ProseLine line(text, paragraphAt(text, 0), 0, static_cast<std::uint32_t>(text.size()),
                             wordsFont(13), Qt::gray);
        const ProseLine::Span whole = line.spansOf(3, 7).front();
        for (std::uint32_t at = 3; at < 7; ++at) {
            QCOMPARE(line.spansOf(at, at + 1).front().x, whole.x);
            QCOMPARE(line.spansOf(at, at + 1).front().width, whole.width);
        }
        const ProseLine::Span word = line.spansOf(7, 10, true).front(); // " cd" without its space
        QVERIFY(word.x > whole.x + whole.width + 1);
        QCOMPARE(line.byteAt(word.x + 1), 8u);
        QCOMPARE(line.spansOf(10, 11).front().width, 0.0); // the newline shows nothing
    }
};

QTEST_MAIN(TestLineBreaks)
#include "tst_line_breaks.moc"
