// SPDX-License-Identifier: Apache-2.0
#include "core/reading/text_search.h"

#include <QStringList>
#include <QTest>
#include <map>
#include <random>
#include <string>

using namespace headwater;

namespace {

constexpr std::size_t kNoLimit = 1u << 30;

std::vector<std::uint32_t> offsetsOf(std::size_t bytes, std::size_t every)
{
    std::vector<std::uint32_t> offsets;
    for (std::size_t at = 0; at < bytes; at += every)
        offsets.push_back(static_cast<std::uint32_t>(at));
    offsets.push_back(static_cast<std::uint32_t>(bytes));
    return offsets;
}

/// The tokens in which the hits begin.
std::vector<std::uint32_t> beginsOf(const TextHits& hits)
{
    std::vector<std::uint32_t> tokens;
    for (const TokenRange& span : hits.spans)
        tokens.push_back(span.begin);
    return tokens;
}

} // namespace

class TestTextSearch : public QObject {
    Q_OBJECT

private slots:
    void letterCase_isWhatWasAsked_data()
    {
        QTest::addColumn<QString>("needle");
        QTest::addColumn<int>("letterCase");
        QTest::addColumn<bool>("isIgnored");
        QTest::addColumn<std::vector<std::uint32_t>>("begins");
        const auto row = [](const char* needle, LetterCase letterCase, bool isIgnored,
                            std::vector<std::uint32_t> begins) {
            QTest::addRow("%s, %d", needle, static_cast<int>(letterCase))
                << QString(needle) << static_cast<int>(letterCase) << isIgnored << begins;
        };
        row("magic", LetterCase::Ignored, true, {0, 6, 12});
        row("Magic", LetterCase::Ignored, true, {0, 6, 12});
        row("MAGIC", LetterCase::Ignored, true, {0, 6, 12});
        row("magic", LetterCase::Matched, false, {6});
        row("Magic", LetterCase::Matched, false, {0});
        row("magic", LetterCase::Smart, true, {0, 6, 12});
        row("Magic", LetterCase::Smart, false, {0});
    }

    void letterCase_isWhatWasAsked()
    {
        QFETCH(QString, needle);
        QFETCH(int, letterCase);
        QFETCH(bool, isIgnored);
        QFETCH(std::vector<std::uint32_t>, begins);
        const std::string text = "Magic magic MAGIC";
        const TextHits hits = searchText(text, offsetsOf(text.size(), 1), needle.toStdString(),
                                         static_cast<LetterCase>(letterCase), kNoLimit, {});
        QCOMPARE(beginsOf(hits), begins);
        QCOMPARE(hits.isCaseIgnored, isIgnored);
    }

    /// Tokens of one byte: a hit's span is the bytes it holds.
    void folding_findsTheTextsOwnBytes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("needle");
        QTest::addColumn<QStringList>("found");
        QTest::newRow("umlauts") << "Über ÜBER über"
                                 << "über" << QStringList{"Über", "ÜBER", "über"};
        QTest::newRow("sharp s is two") << "STRASSE Straße strasse"
                                        << "straße" << QStringList{"STRASSE", "Straße", "strasse"};
        QTest::newRow("a capital sharp s") << "GROẞ"
                                           << "gross" << QStringList{"GROẞ"};
        QTest::newRow("no half of a sharp s") << "aß sa"
                                              << "as" << QStringList{};
        QTest::newRow("nor its other half") << "ßa"
                                            << "sa" << QStringList{};
        QTest::newRow("a sharp s within") << "xSSy xßy"
                                          << "ss" << QStringList{"SS", "ß"};
        QTest::newRow("sigmas") << "ΟΔΥΣΣΕΥΣ Οδυσσευς"
                                << "οδυσσευσ" << QStringList{"ΟΔΥΣΣΕΥΣ", "Οδυσσευς"};
        QTest::newRow("Cyrillic") << "МОСКВА Москва"
                                  << "москва" << QStringList{"МОСКВА", "Москва"};
        QTest::newRow("Armenian ligature") << "և ԵՒ"
                                           << "եւ" << QStringList{"և", "ԵՒ"};
        QTest::newRow("ligature fi") << "ﬁsh FISH"
                                     << "fish" << QStringList{"ﬁsh", "FISH"};
        QTest::newRow("Kelvin and long s") << "\u212A\u017F KS"
                                           << "ks" << QStringList{"\u212A\u017F", "KS"};
        QTest::newRow("a dotted capital I is no i alone") << "İ"
                                                          << "i" << QStringList{};
        QTest::newRow("beyond 16 bits") << "𐐀𐐨"
                                        << "𐐨" << QStringList{"𐐀", "𐐨"};
        QTest::newRow("Georgian") << "ᲗᲑ თბ"
                                  << "თბ" << QStringList{"ᲗᲑ", "თბ"};
        QTest::newRow("without case") << "中文 7421"
                                      << "7421" << QStringList{"7421"};
        QTest::newRow("text shorter in bytes than what is looked for") << "SS"
                                                                       << "ẞ" << QStringList{"SS"};
    }

    void folding_findsTheTextsOwnBytes()
    {
        QFETCH(QString, text);
        QFETCH(QString, needle);
        QFETCH(QStringList, found);
        // Once before the edge of a stride, once over it, once behind it.
        for (const std::size_t before : {std::size_t{0}, std::size_t{65533}, std::size_t{65536}}) {
            const std::string bytes = std::string(before, '.') + text.toStdString() + "...";
            const TextHits hits = searchText(bytes, offsetsOf(bytes.size(), 1), needle.toStdString(),
                                             LetterCase::Ignored, kNoLimit, {});
            QStringList texts;
            for (const TokenRange& span : hits.spans)
                texts.append(QString::fromStdString(bytes.substr(span.begin, span.end - span.begin)));
            QCOMPARE(texts, found);
        }
    }

    void folding_equalsANaiveSearch_ofEveryKindOfLetter()
    {
        const std::u32string kLetters = U"aAsSßẞzZéÉσΣςſK\u212Aﬁ中\u0130ı";
        std::mt19937 random(11);
        std::vector<std::string> letters;
        for (const char32_t letter : kLetters)
            letters.push_back(QString::fromUcs4(&letter, 1).toStdString());
        letters.push_back("\xff"); // no UTF-8
        letters.push_back("\xc3");
        std::vector<std::string> text;
        std::string bytes;
        for (int i = 0; i < 60000; ++i) {
            text.push_back(letters[random() % letters.size()]);
            bytes += text.back();
        }
        const auto offsets = offsetsOf(bytes.size(), 1);
        const auto foldOf = [](const std::string& letter) {
            // Qt's own folding, of one letter; "ß" and its like by the standard's table.
            static const std::map<std::string, std::string> kFull{
                {"ß", "ss"}, {"ẞ", "ss"}, {"ﬁ", "fi"}, {"\u0130", "i\u0307"}};
            const auto full = kFull.find(letter);
            const QString simple = QString::fromStdString(letter);
            if (full != kFull.end())
                return full->second;
            return letter == "\xff" || letter == "\xc3" ? letter : simple.toCaseFolded().toStdString();
        };
        for (const std::string needle : {"s", "ss", "aß", "ςσ", "k", "éz", "i", "ı", "fi", "中", "\xff"}) {
            std::string sought;
            for (const QChar letter : QString::fromStdString(needle))
                sought += needle == "\xff" ? needle : foldOf(QString(letter).toStdString());
            std::vector<std::uint32_t> expected;
            std::uint32_t at = 0;
            for (std::size_t i = 0; i < text.size(); at += static_cast<std::uint32_t>(text[i++].size())) {
                std::string folded;
                for (std::size_t j = i; j < text.size() && folded.size() < sought.size(); ++j)
                    folded += foldOf(text[j]);
                if (folded == sought)
                    expected.push_back(at);
            }
            QVERIFY2(needle == "i" || !expected.empty(), needle.c_str()); // which no letter here is
            QCOMPARE(beginsOf(searchText(bytes, offsets, needle, LetterCase::Ignored, kNoLimit, {})),
                     expected);
        }
    }

    void emptyTokens_areNotTheHit()
    {
        // Token 0 is a BOS without bytes, as is token 2: the hit at byte 2 begins in token 3.
        const std::vector<std::uint32_t> offsets{0, 0, 2, 2, 4};
        QCOMPARE(beginsOf(searchText("abcd", offsets, "cd", LetterCase::Ignored, kNoLimit, {})),
                 (std::vector<std::uint32_t>{3}));
        QCOMPARE(beginsOf(searchText("abcd", offsets, "ab", LetterCase::Ignored, kNoLimit, {})),
                 (std::vector<std::uint32_t>{1}));
    }

    void aHitReachesToItsLastToken()
    {
        const std::string text = "the gauge house, the gauge-house";
        // the| gauge| house|,| the| gau|ge-|house
        const std::vector<std::uint32_t> offsets{0, 3, 9, 15, 16, 20, 24, 27, 32};
        const std::vector<TokenRange> house{{2, 3}, {7, 8}};
        const std::vector<TokenRange> whole{{1, 3}};
        const std::vector<TokenRange> gauge{{1, 2}, {5, 7}};
        QCOMPARE(searchText(text, offsets, "house", LetterCase::Ignored, kNoLimit, {}).spans, house);
        QCOMPARE(searchText(text, offsets, "gauge house", LetterCase::Ignored, kNoLimit, {}).spans, whole);
        QCOMPARE(searchText(text, offsets, "gauge", LetterCase::Ignored, kNoLimit, {}).spans, gauge);
        const TextHits hits = searchText(text, offsets, "g", LetterCase::Ignored, kNoLimit, {});
        QCOMPARE(hits.spans, (std::vector<TokenRange>{{1, 2}, {5, 6}, {6, 7}})); // "gauge": one mark
        QCOMPARE(hits.occurrences, std::uint64_t{4});
    }

    void equalsANaiveSearch_overStrideEdges()
    {
        std::mt19937 random(3);
        std::string text(300000, 'x');
        for (char& byte : text)
            byte = static_cast<char>('a' + random() % 3);
        const auto offsets = offsetsOf(text.size(), 7);
        for (const std::string needle : {"a", "abc", "cab", "aaaaaaaaa", "abcabcab"}) {
            std::vector<std::uint32_t> expected;
            std::uint64_t occurrences = 0;
            for (std::size_t at = text.find(needle); at != std::string::npos;
                 at = text.find(needle, at + 1)) {
                const auto token = static_cast<std::uint32_t>(at / 7);
                ++occurrences;
                if (expected.empty() || expected.back() != token)
                    expected.push_back(token);
            }
            const TextHits hits = searchText(text, offsets, needle, LetterCase::Ignored, kNoLimit, {});
            QCOMPARE(beginsOf(hits), expected);
            for (const TokenRange& span : hits.spans)
                QVERIFY(
                    std::string_view(text).substr(span.begin * 7, (span.end - span.begin) * 7).find(needle)
                    != std::string::npos);
            QCOMPARE(hits.occurrences, occurrences);
        }
    }

    void limit_cutsAndSaysSo()
    {
        const std::string text(1000, 'a');
        const TextHits hits = searchText(text, offsetsOf(text.size(), 1), "a", LetterCase::Ignored, 10, {});
        QCOMPARE(hits.spans.size(), std::size_t{10});
        QVERIFY(hits.isCut);
    }

    void nothingToFind_isNoHit()
    {
        const auto offsets = offsetsOf(4, 1);
        QVERIFY(searchText("abcd", offsets, "", LetterCase::Ignored, kNoLimit, {}).spans.empty());
        QVERIFY(searchText("abcd", offsets, "abcde", LetterCase::Ignored, kNoLimit, {}).spans.empty());
        QVERIFY(searchText("", std::vector<std::uint32_t>{0}, "a", LetterCase::Ignored, kNoLimit, {})
                    .spans.empty());
    }

    void stopped_endsEarly()
    {
        std::stop_source stop;
        stop.request_stop();
        const std::string text(100, 'a');
        QVERIFY(searchText(text, offsetsOf(100, 1), "a", LetterCase::Ignored, kNoLimit, stop.get_token())
                    .spans.empty());
    }

    void bytesThatAreNoUtf8_matchThemselves()
    {
        const std::string text = std::string("a\xff\xfe", 3) + "b";
        QCOMPARE(beginsOf(searchText(text, offsetsOf(4, 1), std::string_view("\xfe", 1), LetterCase::Ignored,
                                     kNoLimit, {})),
                 (std::vector<std::uint32_t>{2}));
    }
};

QTEST_APPLESS_MAIN(TestTextSearch)
#include "tst_text_search.moc"
