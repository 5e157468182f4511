// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/word_merger.h"

#include <QTest>
#include <map>
#include <random>

using namespace headwater;

namespace {

using Rules = std::map<std::pair<std::int32_t, std::int32_t>, Merge>;

/// The definition, word for word: look for the lowest rank, leftmost first, merge it, begin again.
std::vector<std::int32_t> mergeSlowly(std::vector<std::int32_t> ids, const Rules& rules)
{
    for (;;) {
        const Merge* best = nullptr;
        std::size_t place = 0;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            const auto rule = rules.find({ids[i], ids[i + 1]});
            if (rule != rules.end() && (!best || rule->second.rank < best->rank)) {
                best = &rule->second;
                place = i;
            }
        }
        if (!best)
            return ids;
        ids[place] = best->result;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    }
}

} // namespace

class TestMergeTable : public QObject {
    Q_OBJECT
private slots:
    void find_knowsWhatWasInserted()
    {
        MergeTable table(3);
        table.insert(1, 2, {0, 10});
        table.insert(2, 1, {1, 11});
        table.insert(1, 2, {2, 12}); // the first stays
        QCOMPARE(table.find(1, 2)->result, 10);
        QCOMPARE(table.find(2, 1)->rank, 1u);
        QVERIFY(!table.find(1, 1).has_value());
        QVERIFY(!table.find(-1, 2).has_value());
        QVERIFY(!table.find(1, -1).has_value());
    }

    void words_mergeAsDefined_seeded()
    {
        std::mt19937 random(20261124);
        for (int round = 0; round < 200; ++round) {
            // A few symbols and many rules among all tokens: ties, overlaps and chains are frequent.
            const int numSymbols = 2 + static_cast<int>(random() % 4);
            std::int32_t next = numSymbols;
            Rules rules;
            MergeTable table(64);
            for (std::uint32_t rank = 0; rank < 40; ++rank) {
                const std::pair pair{static_cast<std::int32_t>(random() % static_cast<unsigned>(next)),
                                     static_cast<std::int32_t>(random() % static_cast<unsigned>(next))};
                const Merge merge{rank, next};
                if (rules.emplace(pair, merge).second)
                    ++next;
                table.insert(pair.first, pair.second, rules.at(pair));
            }
            WordMerger merger(table);
            for (int word = 0; word < 50; ++word) {
                std::vector<std::int32_t> symbols(random() % 60);
                for (std::int32_t& symbol : symbols)
                    symbol = static_cast<std::int32_t>(random() % static_cast<unsigned>(numSymbols + 1))
                        - 1; // -1: no token
                std::vector<std::int32_t> ids;
                std::uint32_t lastStart = 0;
                for (const WordPiece& piece : merger.merge(symbols)) {
                    QVERIFY(ids.empty() ? piece.start == 0 : piece.start > lastStart);
                    lastStart = piece.start;
                    ids.push_back(piece.id);
                }
                QCOMPARE(ids, mergeSlowly(symbols, rules));
            }
        }
    }

    void starts_areTheFirstSymbols()
    {
        MergeTable table(2);
        table.insert(0, 1, {0, 2}); // ab
        table.insert(2, 0, {1, 3}); // aba
        WordMerger merger(table);
        const auto& pieces = merger.merge({0, 1, 0, -1, 0, 1});
        QCOMPARE(pieces.size(), std::size_t{3});
        QCOMPARE(pieces[0].id, 3);
        QCOMPARE(pieces[1].id, -1);
        QCOMPARE(pieces[1].start, 3u);
        QCOMPARE(pieces[2].id, 2);
        QCOMPARE(pieces[2].start, 4u);
    }
};

QTEST_APPLESS_MAIN(TestMergeTable)
#include "tst_merge_table.moc"
