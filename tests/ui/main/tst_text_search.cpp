// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/text_search.h"

#include <QTest>
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
    for (const TokenSpan& span : hits.spans)
        tokens.push_back(span.begin);
    return tokens;
}

} // namespace

class TestTextSearch : public QObject {
    Q_OBJECT

private slots:
    void lowerCase_findsEitherCase_capitalsFindTheirOwn()
    {
        const std::string text = "Magic magic MAGIC";
        const auto offsets = offsetsOf(text.size(), 1);
        QCOMPARE(beginsOf(searchText(text, offsets, "magic", kNoLimit, {})),
                 (std::vector<std::uint32_t>{0, 6, 12}));
        QCOMPARE(beginsOf(searchText(text, offsets, "Magic", kNoLimit, {})), (std::vector<std::uint32_t>{0}));
    }

    void emptyTokens_areNotTheHit()
    {
        // Token 0 is a BOS without bytes, as is token 2: the hit at byte 2 begins in token 3.
        const std::vector<std::uint32_t> offsets{0, 0, 2, 2, 4};
        QCOMPARE(beginsOf(searchText("abcd", offsets, "cd", kNoLimit, {})), (std::vector<std::uint32_t>{3}));
        QCOMPARE(beginsOf(searchText("abcd", offsets, "ab", kNoLimit, {})), (std::vector<std::uint32_t>{1}));
    }

    void aHitReachesToItsLastToken()
    {
        const std::string text = "the gauge house, the gauge-house";
        // the| gauge| house|,| the| gau|ge-|house
        const std::vector<std::uint32_t> offsets{0, 3, 9, 15, 16, 20, 24, 27, 32};
        const std::vector<TokenSpan> house{{2, 3}, {7, 8}};
        const std::vector<TokenSpan> whole{{1, 3}};
        const std::vector<TokenSpan> gauge{{1, 2}, {5, 7}};
        QCOMPARE(searchText(text, offsets, "house", kNoLimit, {}).spans, house);
        QCOMPARE(searchText(text, offsets, "gauge house", kNoLimit, {}).spans, whole);
        QCOMPARE(searchText(text, offsets, "gauge", kNoLimit, {}).spans, gauge);
        const TextHits hits = searchText(text, offsets, "g", kNoLimit, {});
        QCOMPARE(hits.spans, (std::vector<TokenSpan>{{1, 2}, {5, 6}, {6, 7}})); // "gauge": one mark
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
            const TextHits hits = searchText(text, offsets, needle, kNoLimit, {});
            QCOMPARE(beginsOf(hits), expected);
            for (const TokenSpan& span : hits.spans)
                QVERIFY(
                    std::string_view(text).substr(span.begin * 7, (span.end - span.begin) * 7).find(needle)
                    != std::string::npos);
            QCOMPARE(hits.occurrences, occurrences);
        }
    }

    void limit_cutsAndSaysSo()
    {
        const std::string text(1000, 'a');
        const TextHits hits = searchText(text, offsetsOf(text.size(), 1), "a", 10, {});
        QCOMPARE(hits.spans.size(), std::size_t{10});
        QVERIFY(hits.isCut);
    }

    void nothingToFind_isNoHit()
    {
        const auto offsets = offsetsOf(4, 1);
        QVERIFY(searchText("abcd", offsets, "", kNoLimit, {}).spans.empty());
        QVERIFY(searchText("abcd", offsets, "abcde", kNoLimit, {}).spans.empty());
        QVERIFY(searchText("", std::vector<std::uint32_t>{0}, "a", kNoLimit, {}).spans.empty());
    }

    void stopped_endsEarly()
    {
        std::stop_source stop;
        stop.request_stop();
        const std::string text(100, 'a');
        QVERIFY(searchText(text, offsetsOf(100, 1), "a", kNoLimit, stop.get_token()).spans.empty());
    }

    void bytesThatAreNoUtf8_matchThemselves()
    {
        const std::string text = std::string("a\xff\xfe", 3) + "b";
        QCOMPARE(beginsOf(searchText(text, offsetsOf(4, 1), std::string_view("\xfe", 1), kNoLimit, {})),
                 (std::vector<std::uint32_t>{2}));
    }
};

QTEST_APPLESS_MAIN(TestTextSearch)
#include "tst_text_search.moc"
