// SPDX-License-Identifier: Apache-2.0
#include "core/generation/answer_text.h"

#include "core/base/text.h"

#include <QTest>
#include <random>

using namespace headwater;

class TstAnswerText : public QObject {
    Q_OBJECT

private slots:
    void stopString_acrossTokens()
    {
        AnswerText text({"\n\nQ:", "<end>"});
        QCOMPARE(text.add("Paris"), std::string("Paris"));
        QCOMPARE(text.add(". \n"), std::string(". "));
        QCOMPARE(text.add("\n"), std::string());
        QCOMPARE(text.add("\nQ"), std::string("\n"));
        QVERIFY(text.stoppedBy().empty());
        QCOMPARE(text.add(": who"), std::string());
        QCOMPARE(text.stoppedBy(), std::string("\n\nQ:"));
        QCOMPARE(text.whole(), std::string("Paris. \n"));
    }

    void whatBeginsAStopString_isGivenWhenItIsNone()
    {
        AnswerText text({"aab"});
        QCOMPARE(text.add("xaa"), std::string("x"));
        QCOMPARE(text.add("a"), std::string("a"));
        QCOMPARE(text.finish(), std::string("aa"));
        QCOMPARE(text.whole(), std::string("xaaa"));
    }

    void theFirstOfTwo_ends()
    {
        AnswerText text({"cd", "b"});
        QCOMPARE(text.add("abcd"), std::string("a"));
        QCOMPARE(text.stoppedBy(), std::string("b"));
    }

    void utf8_isWhole()
    {
        AnswerText text({});
        const std::string accent = "\xC3\xA9", smile = "\xF0\x9F\x98\x80";
        QCOMPARE(text.add("caf\xC3"), std::string("caf"));
        QCOMPARE(text.add("\xA9"), accent);
        QCOMPARE(text.add(smile.substr(0, 1)), std::string());
        QCOMPARE(text.add(smile.substr(1, 2)), std::string());
        QCOMPARE(text.add(smile.substr(3) + "!"), smile + "!");
        QCOMPARE(text.add("\xE2\x82"), std::string());
        QCOMPARE(text.finish(), std::string("\xE2\x82")); // the model ended inside a character
    }

    /// What cannot become UTF-8 is not waited for.
    void damagedBytes_passOn()
    {
        AnswerText text({});
        QCOMPARE(text.add("\x80"), std::string("\x80"));
        QCOMPARE(text.add("\xC3x"), std::string("\xC3x"));
        QCOMPARE(text.add("\xFF"), std::string("\xFF"));
    }

    /// However a text is cut into tokens: what is shown is the text before the stop string, piece by piece
    /// whole, and never a part of the stop string before it is reached.
    void anyCuts_showTheSame()
    {
        std::mt19937 random(15);
        const std::vector<std::string> stops{"aba", "bbé", "é\n"};
        const std::vector<std::string> letters{"a", "b", "é", "\n", "😀"};
        int stopped = 0;
        for (int round = 0; round < 2000; ++round) {
            std::string whole;
            for (int i = 0; i < 12; ++i)
                whole += letters[random() % letters.size()];
            std::size_t end = whole.size(), reached = whole.size();
            for (std::size_t bytes = 1; bytes <= whole.size() && reached == whole.size(); ++bytes)
                for (const std::string& stop : stops)
                    if (whole.substr(0, bytes).ends_with(stop)) {
                        end = bytes - stop.size();
                        reached = bytes;
                    }
            AnswerText text(stops);
            std::string shown;
            for (std::size_t at = 0; at < reached && text.stoppedBy().empty();) {
                const std::size_t bytes = std::min<std::size_t>(1 + random() % 3, reached - at);
                const std::string piece = text.add(std::string_view(whole).substr(at, bytes));
                QVERIFY(isUtf8(piece));
                shown += piece;
                QVERIFY(shown.size() <= end);
                at += bytes;
            }
            shown += text.finish();
            QCOMPARE(shown, whole.substr(0, end));
            QCOMPARE(text.whole(), shown);
            QCOMPARE(text.stoppedBy().empty(), reached == whole.size() && end == whole.size());
            stopped += text.stoppedBy().empty() ? 0 : 1;
        }
        QVERIFY(stopped > 200 && stopped < 1800);
    }
};

QTEST_APPLESS_MAIN(TstAnswerText)
#include "tst_answer_text.moc"
