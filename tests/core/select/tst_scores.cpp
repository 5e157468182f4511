// SPDX-License-Identifier: Apache-2.0
#include "core/select/lanes.h"
#include "core/select/score_tile.h"
#include "core/select/scores.h"
#include "made_heads.h"

#include <QtTest>
#include <limits>

using namespace headwater;
using namespace headwater::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double scoreOf(const MadeHead& head, std::uint32_t row, std::uint32_t key)
{
    double score = 0;
    for (std::uint32_t i = 0; i < head.dim; ++i)
        score += double(head.queries[std::size_t(row) * head.dim + i])
            * double(head.keys[std::size_t(key) * head.dim + i]);
    return head.capped(score);
}

bool isNear(float found, double expected)
{
    return std::abs(double(found) - expected) <= 1e-5 * std::max(1.0, std::abs(expected));
}

} // namespace

class ScoresTest : public QObject {
    Q_OBJECT

private slots:
    void capIsATanh();
    void damageIsNotCapped();
    void everyProductIsCapped_data();
    void everyProductIsCapped();
};

void ScoresTest::capIsATanh()
{
    for (const float cap : {0.5f, 5.0f, 50.0f}) {
        for (std::size_t count = 1; count < 40; ++count) { // any rest behind the lanes
            std::vector<float> scores;
            for (std::size_t i = 0; i < count; ++i)
                scores.push_back(cap * 0.01f * static_cast<float>(i * i) * (i % 2 == 0 ? 1.0f : -1.0f));
            std::vector<float> found = scores;
            found.push_back(777);
            softCap(cap, found.data(), count);
            QCOMPARE(found.back(), 777.0f);
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = double(cap) * std::tanh(double(scores[i]) / double(cap));
                QVERIFY(std::abs(double(found[i]) - expected) <= 4e-7 * std::abs(expected));
            }
        }
        std::vector<float> far = {1e-30f, -1e30f, std::numeric_limits<float>::max()};
        softCap(cap, far.data(), far.size());
        QCOMPARE(far, (std::vector<float>{1e-30f, -cap, cap}));
    }
}

/// A logit that is not finite is an error of the model's weights: it must not become a number.
void ScoresTest::damageIsNotCapped()
{
    std::vector<float> damaged = {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN(), 1};
    softCap(30, damaged.data(), damaged.size());
    QCOMPARE(damaged[0], kInfinity);
    QCOMPARE(damaged[1], -kInfinity);
    QVERIFY(std::isnan(damaged[2]));
    QVERIFY(damaged[3] < 1 && damaged[3] > 0.99f);
}

void ScoresTest::everyProductIsCapped_data()
{
    QTest::addColumn<QString>("kind");
    QTest::newRow("capped") << "capped";
    QTest::newRow("as they are") << "needles";
}

void ScoresTest::everyProductIsCapped()
{
    QFETCH(QString, kind);
    const MadeHead head = makeHead(kind.toStdString(), 300, 20, 41);
    const KeyValues keys = head.keyValues();
    constexpr std::uint32_t kFirstRow = 256;
    constexpr std::uint32_t kFirstKey = 30;
    constexpr std::uint32_t kNumKeys = 37;
    const QueryTile tile = head.tile(kFirstRow);
    const std::uint32_t rows = paddedRows(tile.numRows);

    std::vector<float> packed(std::size_t(kTileRows) * head.dim);
    packQueries(tile, head.dim, packed.data());
    std::vector<float> inTile(std::size_t(kNumKeys) * kTileRows);
    scoreTile(keys, kFirstKey, kNumKeys, packed.data(), rows, kTileRows, inTile.data());

    std::vector<float> lanesOfRows(std::size_t(head.dim) * rows, 0.0f);
    std::vector<const float*> pointers;
    for (std::uint32_t row = 0; row < tile.numRows; ++row) {
        pointers.push_back(packed.data() + std::size_t(row) * head.dim);
        for (std::uint32_t i = 0; i < head.dim; ++i)
            lanesOfRows[std::size_t(i) * rows + row] = pointers.back()[i];
    }
    std::vector<float> few(std::size_t(kNumKeys) * rows);
    scoreFewKeys(keys, kFirstKey, kNumKeys, lanesOfRows.data(), rows, few.data());

    constexpr std::uint32_t kLanes = 48;
    std::vector<float> lanesOfKeys(std::size_t(head.dim) * kLanes, 0.0f);
    for (std::uint32_t key = 0; key < kNumKeys; ++key)
        for (std::uint32_t i = 0; i < head.dim; ++i)
            lanesOfKeys[std::size_t(i) * kLanes + key] =
                head.keys[std::size_t(kFirstKey + key) * head.dim + i];
    std::vector<float> byRow(std::size_t(tile.numRows) * kLanes);
    scorePackedKeys(pointers.data(), tile.numRows, lanesOfKeys.data(), kLanes, head.dim, head.scoreCap,
                    byRow.data());

    constexpr std::size_t kLine = 50;
    std::vector<float> natural(tile.numRows * kLine, 777.0f);
    scoreRowsOf({tile.rows, tile.stride, tile.numRows},
                {head.keys.data() + std::size_t(kFirstKey) * head.dim, head.dim, kNumKeys}, head.dim,
                head.scoreCap, natural.data(), kLine);

    double largest = 0;
    for (std::uint32_t row = 0; row < tile.numRows; ++row) {
        for (std::uint32_t key = 0; key < kNumKeys; ++key) {
            const double score = scoreOf(head, kFirstRow + row, kFirstKey + key);
            const double inBits = score * double(lanes::kLog2E);
            QVERIFY(isNear(inTile[std::size_t(key) * kTileRows + row], inBits));
            QVERIFY(isNear(few[std::size_t(key) * rows + row], inBits));
            QVERIFY(isNear(byRow[std::size_t(row) * kLanes + key], inBits));
            QVERIFY(isNear(natural[row * kLine + key], score));
            largest = std::max(largest, score);
        }
        QCOMPARE(natural[row * kLine + kNumKeys], 777.0f);
    }
    QVERIFY(head.scoreCap > 0 ? largest > 2.5 && largest < 3 : largest > 4); // the cap is felt
}

QTEST_APPLESS_MAIN(ScoresTest)
#include "tst_scores.moc"
