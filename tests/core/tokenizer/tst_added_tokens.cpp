// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include <QTest>
#include <random>

using namespace headwater;

namespace {

/// The order of llama.cpp: for each token, longest first, every place in what is still plain text, from the
/// left.
std::vector<AddedTokens::Match> findSlowly(const std::string& text, std::vector<std::string> tokens)
{
    std::vector<std::int32_t> order(tokens.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<std::int32_t>(i);
    const auto longer = [&](std::int32_t a, std::int32_t b) {
        return tokens[static_cast<std::size_t>(a)].size() > tokens[static_cast<std::size_t>(b)].size();
    };
    std::ranges::stable_sort(order, longer);
    std::vector<std::int32_t> owner(text.size(), -1);
    std::vector<AddedTokens::Match> matches;
    for (const std::int32_t id : order) {
        const std::string& token = tokens[static_cast<std::size_t>(id)];
        for (std::size_t at = text.find(token); at != std::string::npos;) {
            bool isFree = true;
            for (std::size_t i = at; i < at + token.size(); ++i)
                isFree = isFree && owner[i] < 0;
            if (isFree) {
                for (std::size_t i = at; i < at + token.size(); ++i)
                    owner[i] = id;
                matches.push_back(
                    {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(token.size()), id});
            }
            at = text.find(token, at + (isFree ? token.size() : 1));
        }
    }
    std::ranges::sort(matches, {}, &AddedTokens::Match::start);
    return matches;
}

} // namespace

class TestAddedTokens : public QObject {
    Q_OBJECT
private slots:
    void fromTheLeft_anEarlierShorterSpellingWins()
    {
        AddedTokens added;
        added.add("xab", 1);
        added.add("abcd", 2);
        added.add("ab", 3);
        const auto matches = added.findFromLeft("xabcd abcd");
        QCOMPARE(matches.size(), std::size_t{2});
        QCOMPARE(matches[0].id, 1);
        QCOMPARE(matches[0].start, 0u);
        QCOMPARE(matches[1].id, 2); // the longest of a place
        QCOMPARE(matches[1].start, 6u);
    }

    void longerSpelling_winsOverAnEarlierShorterOne()
    {
        AddedTokens added;
        added.add("xab", 1);
        added.add("abcd", 2);
        const auto matches = added.find("xabcd xab");
        QCOMPARE(matches.size(), std::size_t{2});
        QCOMPARE(matches[0].id, 2);
        QCOMPARE(matches[0].start, 1u);
        QCOMPARE(matches[1].id, 1);
        QCOMPARE(matches[1].start, 6u);
    }

    void noTokens_noMatches()
    {
        AddedTokens added;
        added.add("", 1);
        QVERIFY(added.find("anything").empty());
        added.add("<x>", 2);
        QVERIFY(added.find("").empty());
        QVERIFY(added.find("<x").empty());
    }

    void matches_areThoseOfTheDefinition_seeded()
    {
        std::mt19937 random(7);
        const auto word = [&random](std::size_t most) {
            std::string text(1 + random() % most, ' ');
            for (char& c : text)
                c = static_cast<char>('a' + random() % 3);
            return text;
        };
        for (int round = 0; round < 500; ++round) {
            std::vector<std::string> tokens;
            AddedTokens added;
            for (int i = 0; i < 8; ++i) {
                const std::string token = word(5);
                if (std::ranges::find(tokens, token) != tokens.end())
                    continue;
                added.add(token, static_cast<std::int32_t>(tokens.size()));
                tokens.push_back(token);
            }
            const std::string text = word(60);
            const auto expected = findSlowly(text, tokens);
            const auto found = added.find(text);
            QCOMPARE(found.size(), expected.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                QCOMPARE(found[i].start, expected[i].start);
                QCOMPARE(found[i].length, expected[i].length);
                QCOMPARE(found[i].id, expected[i].id);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestAddedTokens)
#include "tst_added_tokens.moc"
