// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pretokenizer.h"

#include <QTest>

using namespace headwater;

namespace {

using Words = std::vector<std::string>;

Words wordsOf(const Pretokenizer& pretokenizer, const std::string& text)
{
    const auto ends = pretokenizer.split(text);
    Words words;
    std::uint32_t start = 0;
    for (const std::uint32_t end : ends.value()) {
        words.push_back(text.substr(start, end - start));
        start = end;
    }
    return words;
}

struct Row {
    const char* name;
    const char* pre;
    std::string text;
    Words words;
};

std::vector<Row> rows()
{
    const std::string nul("\0", 1);
    return {
        {"empty", "smollm", "", {}},
        {"words", "smollm", "Hello world", {"Hello", " world"}},
        {"contractions",
         "smollm",
         "I'm you're 'LL it's'd",
         {"I", "'m", " you", "'re", " '", "LL", " it", "'s", "'d"}},
        {"digits one by one", "smollm", "a 123b4", {"a", " ", "1", "2", "3", "b", "4"}},
        {"digits together", "gpt-2", "a 123b4", {"a", " 123", "b", "4"}},
        {"other numbers too", "smollm", "x\u0663\u00BD\u2167", {"x", "\u0663", "\u00BD", "\u2167"}},
        {"punctuation", "smollm", "a,b ...!? c", {"a", ",", "b", " ...!?", " c"}},
        {"the last space goes with the word", "smollm", "a   b", {"a", "  ", " b"}},
        {"spaces at the end stay together", "smollm", "a   ", {"a", "   "}},
        {"spaces before a digit end a piece", "smollm", "a   5", {"a", "   ", "5"}},
        {"spaces before digits, one pattern", "gpt-2", "a   5", {"a", "  ", " 5"}},
        {"newlines", "smollm", "a\n\n b\r\n", {"a", "\n\n", " b", "\r\n"}},
        {"tab is no space for a word", "smollm", "\ta", {"\t", "a"}},
        {"wide spaces", "smollm", "a\u3000\u00A0b", {"a", "\u3000", "\u00A0", "b"}},
        {"U+180E and U+200B are no spaces", "smollm", "\u180Ea\u200Bb", {"\u180E", "a", "\u200B", "b"}},
        {"U+0085 is a space", "smollm", "!\u0085!", {"!", "\u0085", "!"}},
        {"marks are no letters", "smollm", "e\u0301a", {"e", "\u0301", "a"}},
        {"scripts", "smollm", "日本語 язык", {"日本語", " язык"}},
        {"emoji", "smollm", "a \U0001F600\u200D!", {"a", " \U0001F600\u200D!"}},
        {"NUL", "smollm", "a" + nul + "b", {"a", nul, "b"}},
        {"a stray byte is like a symbol",
         "smollm",
         "a\xFF"
         "b",
         {"a", "\xFF", "b"}},
        {"a space goes with stray bytes", "smollm", "a \x80\x80!b", {"a", " \x80\x80!", "b"}},
        {"cut sequences", "smollm", "\xE6\x97 \xE6", {"\xE6\x97", " \xE6"}},
        {"an over-long form is two bytes", "smollm", "a\xC0\x80z", {"a", "\xC0\x80", "z"}},
        {"a surrogate is three bytes", "smollm", "a\xED\xA0\x80z", {"a", "\xED\xA0\x80", "z"}},
        {"text after stray bytes keeps its places",
         "smollm",
         "\xFFä \xFFöl 1",
         {"\xFF", "ä", " \xFF", "öl", " ", "1"}},
    };
}

} // namespace

class TestPretokenizer : public QObject {
    Q_OBJECT
private slots:
    void text_isCutWhereLlamaCppCuts_data()
    {
        QTest::addColumn<int>("index");
        const auto all = rows();
        for (std::size_t i = 0; i < all.size(); ++i)
            QTest::newRow(all[i].name) << static_cast<int>(i);
    }

    void text_isCutWhereLlamaCppCuts()
    {
        QFETCH(const int, index);
        const Row row = rows()[static_cast<std::size_t>(index)];
        const auto pretokenizer = Pretokenizer::make(row.pre);
        QVERIFY(pretokenizer.has_value());
        QCOMPARE(wordsOf(*pretokenizer, row.text), row.words);
    }

    void longRuns_areOneWord()
    {
        const auto pretokenizer = Pretokenizer::make("smollm");
        for (const char* unit : {"A", " ", "!", "\n", "\u00E9"}) {
            std::string text;
            for (int i = 0; i < 1'000'000; ++i)
                text += unit;
            QCOMPARE(pretokenizer->split(text).value(), std::vector{static_cast<std::uint32_t>(text.size())});
        }
        QCOMPARE(pretokenizer->split(std::string(1'000'000, '7')).value().size(), std::size_t{1'000'000});
        QCOMPARE(pretokenizer->split(std::string(1'000'000, '\x80')).value().size(), std::size_t{1});
    }

    void unknownName_isUnsupported()
    {
        for (const char* name : {"", "no-such-thing", "smollm "}) {
            const auto made = Pretokenizer::make(name);
            QVERIFY(!made.has_value());
            QCOMPARE(made.error().code, ErrorCode::Unsupported);
            QVERIFY(made.error().text().find("smollm, gpt-2") != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestPretokenizer)
#include "tst_pretokenizer.moc"
