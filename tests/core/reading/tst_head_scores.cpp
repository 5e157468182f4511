// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/reading/head_scores.h"
#include "core/reading/role_keys.h"
#include "support/dense_trace.h"

#include <QTemporaryDir>

using namespace headwater;
using namespace headwater::test;

namespace {

/// TransformerLens's detection patterns (head_detector.py), of one pair: from the definition, by loops over
/// all tokens.
bool isOfPattern(HeadRole role, std::span<const std::int32_t> ids, std::uint32_t row, std::uint32_t key)
{
    switch (role) {
    case HeadRole::PreviousToken:
        return key + 1 == row;
    case HeadRole::DuplicateToken:
        return key < row && ids[key] == ids[row];
    case HeadRole::Induction:
        return key >= 1 && key <= row && key - 1 < row && ids[key - 1] == ids[row];
    default:
        return key == 0 && row > 0;
    }
}

struct DenseScore {
    double mean = 0;
    std::uint64_t rows = 0;
};

/// The mean over the rows that have a key of the role.
template <class Rows>
DenseScore denseScore(const DenseTrace& dense, HeadRole role, bool ofWholeRow, Rows isRow)
{
    DenseScore score;
    const auto ids = dense.trace()->tokenIds();
    for (std::uint32_t row = 0; row < dense.seqLen(); ++row) {
        if (!isRow(row))
            continue;
        bool hasKey = false;
        double sum = 0;
        for (std::uint32_t key = 0; key <= row; ++key) {
            if (!dense.isUsable(row, key) || !isOfPattern(role, ids, row, key))
                continue;
            hasKey = true;
            sum += ofWholeRow ? dense.p(row, key) : dense.normalised(row, key);
        }
        score.rows += hasKey ? 1 : 0;
        score.mean += sum;
    }
    score.mean /= score.rows > 0 ? static_cast<double>(score.rows) : 1;
    return score;
}

RoleScore scored(double lower, double upper, double recorded, std::uint64_t recordedRows)
{
    RoleScore score;
    score.rows = 100;
    score.all = {KnownMass::State::InBlock, lower, upper, true};
    score.recorded = {KnownMass::State::Exact, recorded, recorded, true};
    score.recordedRows = recordedRows;
    return score;
}

constexpr double kRounding = 2e-4; // scores in float32 against float64

} // namespace

class TestHeadScores : public QObject {
    Q_OBJECT

private slots:
    void scores_holdTheDenseOnes();
    void counts_areThoseOfLoops();
    void retrieval_countsCopies();
    void name_isTheHighestScore();
    void roles_haveNames();
};

/// Seeded heads of all kinds, grids, windows and both normalisers.
void TestHeadScores::scores_holdTheDenseOnes()
{
    QTemporaryDir folder;
    int closeSinks = 0;
    int narrow = 0;
    int bounded = 0;
    int masked = 0;
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        const auto dense = DenseTrace::make(folder.filePath(QString::number(seed)).toStdString(), seed);
        QVERIFY2(dense, dense ? "" : dense.error().text().c_str());
        const auto all = scoreHeads(readingOf(dense->trace()));
        QVERIFY(all && all->size() == 1 && !all->front().failure);
        masked += dense->normaliser() == Normaliser::Kept ? 1 : 0;
        for (const HeadRole role :
             {HeadRole::PreviousToken, HeadRole::Induction, HeadRole::DuplicateToken, HeadRole::Sink}) {
            const RoleScore& score = all->front().of(role);
            const DenseScore truth =
                denseScore(*dense, role, score.all.ofWholeRow, [](std::uint32_t) { return true; });
            const QByteArray what = QStringLiteral("seed %1, %2: %3 in [%4, %5] %6")
                                        .arg(seed)
                                        .arg(nameOf(role))
                                        .arg(truth.mean)
                                        .arg(score.all.lower)
                                        .arg(score.all.upper)
                                        .arg(nameOf(score.all.state))
                                        .toUtf8();
            QCOMPARE(score.rows, truth.rows);
            QVERIFY2(score.all.lower <= truth.mean + kRounding, what.constData());
            QVERIFY2(!(score.all.upper < truth.mean - kRounding), what.constData());
            const DenseScore recorded =
                denseScore(*dense, role, true, [&](std::uint32_t row) { return dense->isRecorded(row); });
            QCOMPARE(score.recordedRows, recorded.rows);
            QVERIFY2(score.recorded.lower <= recorded.mean + kRounding
                         && !(score.recorded.upper < recorded.mean - kRounding),
                     what.constData());
            bounded += score.all.upper < 0.99 ? 1 : 0;
            if (role == HeadRole::Sink && dense->normaliser() == Normaliser::Exact
                && dense->shape().kind == HeadKind::Global) {
                // Known but for the rows of the first query blocks, and the rounding of masses.
                ++closeSinks;
                std::uint32_t first = 0;
                for (std::uint32_t block = 0; block < dense->grid().numQueryBlocks(); ++block)
                    first =
                        alwaysKept(dense->grid(), block).recent == 0 ? dense->grid().endRow(block) : first;
                QVERIFY2(score.all.upper - score.all.lower
                             < static_cast<double>(first) / dense->seqLen() + 0.005,
                         what.constData());
                narrow += score.all.upper - score.all.lower < 0.1 ? 1 : 0;
            }
        }
        QVERIFY(std::isnan(all->front().of(HeadRole::Retrieval).certain())); // nothing was generated
    }
    QVERIFY(masked > 3 && bounded > 40);
    QVERIFY2(closeSinks >= 10 && narrow >= 5, qPrintable(QString::number(narrow)));
}

void TestHeadScores::counts_areThoseOfLoops()
{
    std::mt19937 random(3);
    std::vector<std::int32_t> ids(500);
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random() % 20);
    const TokenPlaces places(ids);
    const DuplicateTokens duplicates(places);
    const InductionTokens induction(places);
    for (int i = 0; i < 2000; ++i) {
        const auto row = static_cast<std::uint32_t>(1 + random() % 499);
        const auto begin = static_cast<std::uint32_t>(random() % row);
        const auto end = begin + 1 + static_cast<std::uint32_t>(random() % (row - begin));
        std::uint32_t same = 0;
        std::uint32_t after = 0;
        for (std::uint32_t key = begin; key < end; ++key) {
            same += isOfPattern(HeadRole::DuplicateToken, ids, row, key) ? 1 : 0;
            after += isOfPattern(HeadRole::Induction, ids, row, key + 1) ? 1 : 0;
            QCOMPARE(duplicates.contains(row, key), isOfPattern(HeadRole::DuplicateToken, ids, row, key));
            QCOMPARE(induction.contains(row, key + 1), isOfPattern(HeadRole::Induction, ids, row, key + 1));
        }
        QCOMPARE(duplicates.countIn(row, {begin, end}), same);
        QCOMPARE(induction.countIn(row, {begin + 1, end + 1}), after);
    }
}

/// The sample's answer, from its recorded rows read one by one.
void TestHeadScores::retrieval_countsCopies()
{
    const auto trace = Trace::open(HEADWATER_SOURCE_DIR "/resources/samples/story.hwt");
    QVERIFY(trace.has_value());
    const auto all = scoreHeads(readingOf(*trace));
    QVERIFY(all && all->size() == (*trace)->heads().size());
    const Segment& prompt = (*trace)->segments()[0];
    QVERIFY(prompt.name == "prompt" && prompt.end < (*trace)->seqLen());
    int some = 0;
    for (const HeadScores& head : *all) {
        int copies = 0;
        int rows = 0;
        for (std::uint32_t row = prompt.end - 1; row + 1 < (*trace)->seqLen(); ++row) {
            const auto tokens = (*trace)->loadTokenRow(head.head.layer, head.head.head, row);
            QVERIFY(tokens.has_value());
            const std::uint32_t key = tokens->keys[0];
            copies += key < prompt.end && (*trace)->tokenIds()[key] == (*trace)->tokenIds()[row + 1] ? 1 : 0;
            ++rows;
        }
        const RoleScore& score = head.of(HeadRole::Retrieval);
        QVERIFY(score.all.isExact());
        QCOMPARE(score.all.lower, static_cast<double>(copies) / rows);
        QCOMPARE(score.rows, static_cast<std::uint64_t>(rows));
        some += copies > 0 ? 1 : 0;
    }
    QVERIFY(some > 0 && some < 200);
}

void TestHeadScores::name_isTheHighestScore()
{
    const auto nameOfScores = [](std::initializer_list<std::pair<HeadRole, RoleScore>> scores) {
        HeadScores head;
        for (const auto& [role, score] : scores)
            head.scores[static_cast<std::size_t>(role)] = score;
        return head;
    };
    using Role = HeadRole;
    QVERIFY(!nameOfScores({}).name());
    QVERIFY(!nameOfScores({{Role::Induction, scored(0.3, 0.9, 0, 0)}}).name());
    QVERIFY(nameOfScores({{Role::Induction, scored(0.4, 0.9, 0, 0)}}).name() == Role::Induction);
    QVERIFY(nameOfScores({{Role::Induction, scored(0.4, 0.9, 0, 0)}}).isNameOfAllRows());
    const HeadScores recorded = nameOfScores({{Role::Induction, scored(0.1, 0.9, 0.6, 20)}});
    QVERIFY(recorded.name() == Role::Induction && !recorded.isNameOfAllRows());
    QVERIFY(!nameOfScores({{Role::Induction, scored(0.1, 0.9, 0.6, 7)}}).name()); // too few rows
    QVERIFY(!nameOfScores({{Role::Induction, scored(0.1, 0.3, 0.6, 20)}}).name()); // all rows rule it out
    QVERIFY(nameOfScores(
                {{Role::Induction, scored(0.5, 0.9, 0, 0)}, {Role::PreviousToken, scored(0.6, 0.9, 0, 0)}})
                .name()
            == Role::PreviousToken);
    QVERIFY(nameOfScores({{Role::Retrieval, scored(0.1, 0.1, 0, 0)}}).name() == Role::Retrieval);
    QVERIFY(
        nameOfScores({{Role::Sink, scored(0.9, 0.9, 0, 0)}, {Role::Retrieval, scored(0.2, 0.2, 0, 0)}}).name()
        == Role::Retrieval);
    QVERIFY(nameOfScores({{Role::Sink, scored(0.9, 0.9, 0, 0)}}).name() == Role::Sink);
}

void TestHeadScores::roles_haveNames()
{
    for (const HeadRole role : kHeadRoles)
        QVERIFY(headRoleNamed(nameOf(role)) == role);
    QVERIFY(!headRoleNamed("copier"));
    QCOMPARE(thresholdOf(HeadRole::Retrieval), 0.1);
}

QTEST_GUILESS_MAIN(TestHeadScores)
#include "tst_head_scores.moc"
