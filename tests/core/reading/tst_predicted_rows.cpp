// SPDX-License-Identifier: Apache-2.0
#include "core/reading/predicted_rows.h"

#include "core/trace/made_predictions.h"

#include <QTest>
#include <numeric>

using namespace headwater;

/// Predictions that come in parts against those of all rows at once.
class TestPredictedRows : public QObject {
    Q_OBJECT

    static constexpr std::uint32_t kTokens = 40;
    Predictions m_all;

    PredictedRows part(std::uint32_t first, std::uint32_t end) const
    {
        PredictedRows rows;
        rows.first = first;
        for (std::uint32_t row = first; row < end; ++row) {
            rows.rows.push_back(m_all.rows[row]);
            for (const LikelyToken& token : m_all.rows[row].likeliest)
                rows.words[token.id] = std::string(*m_all.wordOf(token.id));
        }
        return rows;
    }

private slots:
    void initTestCase()
    {
        std::vector<std::int32_t> ids(kTokens);
        std::iota(ids.begin(), ids.end(), 3);
        m_all = made::predictions(ids, kTokens);
    }

    void partsInAnyOrder_giveTheWhole()
    {
        Predictions known = noPredictions(kTokens, PredictedBy::SparseForward);
        QCOMPARE(known.by(kTokens - 1), PredictedBy::SparseForward); // of generated tokens too
        for (std::uint32_t row = 0; row < kTokens; ++row)
            QVERIFY(!isPredicted(known, row));
        QVERIFY(!known.wordOf(3));
        known = joined(known, part(20, 30));
        for (std::uint32_t row = 0; row < kTokens + 2; ++row)
            QCOMPARE(isPredicted(known, row), row >= 20 && row < 30);
        known = joined(joined(joined(known, part(0, 12)), part(10, 21)), part(29, kTokens));
        for (std::uint32_t row = 0; row < kTokens; ++row) {
            QVERIFY(isPredicted(known, row)); // the last, which nothing follows, as well
            if (row + 1 < kTokens)
                QCOMPARE(known.logprobOf(row + 1), m_all.rows[row].following);
            for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
                const LikelyToken token = known.rows[row].likeliest[rank];
                QCOMPARE(token.id, m_all.rows[row].likeliest[rank].id);
                QCOMPARE(token.logprob, m_all.rows[row].likeliest[rank].logprob);
                QCOMPARE(*known.wordOf(token.id), *m_all.wordOf(token.id));
            }
        }
        QVERIFY(std::ranges::is_sorted(known.wordIds));
    }

    void rowsBeyondTheEnd_areLeftOut()
    {
        const Predictions known = joined(noPredictions(30, PredictedBy::Model), part(25, kTokens));
        QCOMPARE(known.rows.size(), std::size_t{30});
        QVERIFY(isPredicted(known, 29) && !isPredicted(known, 24) && !isPredicted(known, 30));
    }
};

QTEST_APPLESS_MAIN(TestPredictedRows)
#include "tst_predicted_rows.moc"
