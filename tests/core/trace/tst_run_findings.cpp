// SPDX-License-Identifier: Apache-2.0
// What a run writes of its findings is what its trace's readers find, and what others write is never
// believed.
#include "core/trace/run_findings.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

using namespace headwater;

namespace {

nlohmann::json metaWith(const char* name, nlohmann::json value)
{
    return {{"report", {{name, std::move(value)}}}};
}

} // namespace

class TestRunFindings : public QObject {
    Q_OBJECT

private slots:
    void check_readBack_isTheSame()
    {
        BehaviourCheck check;
        check.expected = "7421";
        check.dense = " 7421";
        check.masked = "half a character: \xe2\x82";
        check.denseGivesExpected = true;
        check.klMean = 0.25;
        check.klMax = std::numeric_limits<double>::infinity();
        check.top1Agreement = 0.875;
        check.rows = 16;
        const auto read = behaviourCheckOf(metaWith("check", toJson(check)));
        QVERIFY(read);
        QCOMPARE(read->expected, check.expected);
        QCOMPARE(read->dense, check.dense);
        QCOMPARE(read->masked, std::string("half a character: \xef\xbf\xbd"));
        QCOMPARE(read->denseGivesExpected, true);
        QCOMPARE(read->kept, false);
        QCOMPARE(read->klMean, 0.25);
        QVERIFY(std::isnan(read->klMax)); // JSON has no infinity
        QCOMPARE(read->top1Agreement, 0.875);
        QCOMPARE(read->rows, 16u);
    }

    void check_thatWasNotMade_isNone()
    {
        for (const char* const json : {"null", "{}", "[]", "\"kept\"", "7"})
            QVERIFY(!behaviourCheckOf(metaWith("check", nlohmann::json::parse(json))));
        QVERIFY(!behaviourCheckOf(nlohmann::json()));
        const auto wrong =
            behaviourCheckOf(metaWith("check", {{"kept", "yes"}, {"kl_mean", "x"}, {"rows", -5}}));
        QVERIFY(wrong && !wrong->kept && std::isnan(wrong->klMean));
        QCOMPARE(wrong->rows, 0u);
    }

    void reads_readBack_areTheSame()
    {
        const AnswerRead read{4000, true, 3, 7, 120, 0.5, " needle"};
        const auto found = answerReadsOf(metaWith("answer_reads", nlohmann::json::array({toJson(read)})));
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found[0].row, read.row);
        QCOMPARE(found[0].copies, true);
        QCOMPARE(found[0].layer, 3);
        QCOMPARE(found[0].head, 7);
        QCOMPARE(found[0].key, read.key);
        QCOMPARE(found[0].probability, 0.5);
        QCOMPARE(found[0].text, read.text);
    }

    /// A read at token 0 by layer 0 would be a lie.
    void readsWithoutTheirNumbers_areLeftOut()
    {
        const nlohmann::json whole = toJson(AnswerRead{9, false, 1, 2, 3, 0.5, ""});
        for (const char* const name : {"row", "layer", "head", "key"}) {
            for (const nlohmann::json& value :
                 {nlohmann::json(), nlohmann::json(-1), nlohmann::json("9"), nlohmann::json(1e300),
                  nlohmann::json(std::uint64_t{1} << 40), nlohmann::json(~std::uint64_t{0})}) {
                nlohmann::json read = whole;
                read[name] = value;
                QCOMPARE(answerReadsOf(metaWith("answer_reads", nlohmann::json::array({read, whole}))).size(),
                         std::size_t{1});
            }
        }
        QVERIFY(answerReadsOf(metaWith("answer_reads", {{"row", 1}})).empty());
        QVERIFY(answerReadsOf(metaWith("answer_reads", {1, "two", nullptr})).empty());
    }
};

QTEST_APPLESS_MAIN(TestRunFindings)
#include "tst_run_findings.moc"
