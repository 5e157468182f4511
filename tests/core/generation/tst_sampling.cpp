// SPDX-License-Identifier: Apache-2.0
// What may be drawn, against transformers' warpers (python/reference/make_sampling.py), and how it is drawn.
#include "core/generation/sampling.h"
#include "support/reference_data.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace headwater;

namespace {

SamplingOptions optionsOf(const nlohmann::json& json)
{
    SamplingOptions options;
    options.temperature = json.at("temperature");
    options.topK = json.value("top_k", 0u);
    options.topP = json.value("top_p", 1.0);
    options.minP = json.value("min_p", 0.0);
    options.repetitionPenalty = json.value("repetition_penalty", 1.0);
    return options;
}

std::vector<std::int32_t> idsOf(const std::vector<Candidate>& candidates)
{
    std::vector<std::int32_t> ids;
    for (const Candidate& candidate : candidates)
        ids.push_back(candidate.id);
    return ids;
}

} // namespace

class TstSampling : public QObject {
    Q_OBJECT

private:
    nlohmann::json m_reference;

    std::vector<float> row(std::size_t index) const { return m_reference.at("rows").at(index); }
    std::vector<std::int32_t> before() const { return m_reference.at("before"); }

private slots:
    void initTestCase()
    {
        std::ifstream file(test::sourcePath("tests/data/reference/sampling.json"));
        m_reference = nlohmann::json::parse(file, nullptr, false);
        QVERIFY(m_reference.is_object());
        QCOMPARE(m_reference.at("cases").size(), std::size_t(48));
    }

    void candidates_areTransformers_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < m_reference.at("cases").size(); ++i) {
            const nlohmann::json& made = m_reference["cases"][i];
            QTest::newRow((std::to_string(made["row"].get<int>()) + " " + made["options"].dump()).c_str())
                << int(i);
        }
    }

    void candidates_areTransformers()
    {
        QFETCH(int, index);
        const nlohmann::json& made = m_reference["cases"][std::size_t(index)];
        const std::vector<float> logits = row(made["row"]);
        const Sampler sampler(optionsOf(made["options"]), 0, before(), logits.size());
        const std::vector<Candidate> found = sampler.candidates(logits);
        QCOMPARE(idsOf(found), made["ids"].get<std::vector<std::int32_t>>());
        const std::vector<double> expected = made["probabilities"];
        for (std::size_t i = 0; i < found.size(); ++i) // both in float64
            QVERIFY(std::abs(found[i].probability - expected[i]) <= 1e-12);
    }

    /// Of equals the smaller ids are taken.
    void topP_amongEquals_takesTheSmallerIds()
    {
        SamplingOptions options;
        options.temperature = 1;
        options.topP = 0.5;
        const std::vector<float> equal(8, 1.5f);
        QCOMPARE(idsOf(Sampler(options, 0, {}, 8).candidates(equal)),
                 (std::vector<std::int32_t>{0, 1, 2, 3}));
        options.topP = 0;
        QCOMPARE(idsOf(Sampler(options, 0, {}, 8).candidates(equal)), (std::vector<std::int32_t>{0}));
    }

    void temperatureZero_isGreedy()
    {
        SamplingOptions options;
        options.topK = 5;
        options.topP = 0.3;
        const std::vector<float> logits = row(0);
        const auto likeliest = static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
        Sampler sampler(options, 0, {}, logits.size());
        for (int i = 0; i < 5; ++i)
            QCOMPARE(sampler.next(logits), likeliest);
    }

    /// Greedy with a penalty: what was drawn is one of those seen.
    void repetitionPenalty_countsWhatWasGenerated()
    {
        SamplingOptions options;
        options.repetitionPenalty = 2;
        const std::vector<float> logits{4, 3, 1, -1};
        Sampler sampler(options, 0, std::vector<std::int32_t>{1}, 4);
        QCOMPARE(sampler.next(logits), 0); // 4, 1.5, 1, -1
        QCOMPARE(sampler.next(logits), 0); // 2, 1.5, 1, -1
        QCOMPARE(Sampler(options, 0, std::vector<std::int32_t>{0, 0, 0}, 4).candidates(logits)[0].id, 1);
    }

    /// Chi-square of 20 000 draws; 59 degrees of freedom exceed 108.9 once in ten thousand seeds, and the
    /// seed is fixed.
    void draws_haveTheirProbabilities()
    {
        SamplingOptions options;
        options.temperature = 3;
        const std::vector<float> logits = row(0);
        Sampler sampler(options, 15, {}, logits.size());
        const std::vector<Candidate> expected = sampler.candidates(logits);
        QCOMPARE(expected.size(), logits.size());
        constexpr int kDraws = 20'000;
        std::vector<int> seen(logits.size());
        for (int i = 0; i < kDraws; ++i)
            ++seen[std::size_t(sampler.next(logits))];
        double chiSquare = 0;
        for (const Candidate& candidate : expected) {
            const double mean = kDraws * candidate.probability;
            const double off = seen[std::size_t(candidate.id)] - mean;
            chiSquare += off * off / mean;
        }
        QVERIFY2(chiSquare < 108.9, std::to_string(chiSquare).c_str());
    }

    void draws_areTheSeeds()
    {
        const std::vector<float> logits = row(1);
        const auto drawn = [&](std::uint64_t seed) {
            SamplingOptions options;
            options.temperature = 1;
            Sampler sampler(options, seed, {}, logits.size());
            std::vector<std::int32_t> ids;
            for (int i = 0; i < 40; ++i)
                ids.push_back(sampler.next(logits));
            return ids;
        };
        QCOMPARE(drawn(7), drawn(7));
        QVERIFY(drawn(7) != drawn(8));
        // u of seed 0 are those of splitmix64's published first outputs: 0xE220A8397B1DCDAF,
        // 0x6E789E6AA1B965F4.
        SamplingOptions options;
        options.temperature = 1;
        Sampler sampler(options, 0, {}, 1000);
        const std::vector<float> equal(1000, 0.0f);
        QCOMPARE(sampler.next(equal), 883); // 0.88331
        QCOMPARE(sampler.next(equal), 431); // 0.43153
    }
};

QTEST_APPLESS_MAIN(TstSampling)
#include "tst_sampling.moc"
