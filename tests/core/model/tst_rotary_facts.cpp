// SPDX-License-Identifier: Apache-2.0
// Frequencies against transformers 5.23 (ROPE_INIT_FUNCTIONS, float32): heads of 16, 256 original positions.
#include "core/model/architecture/rotary_facts.h"

#include <QTest>
#include <cmath>
#include <map>

using namespace headwater;

namespace {

/// Says what it is told to.
class FactSource final : public ModelSource {
public:
    std::map<Fact, double> numbers;
    std::optional<std::string> scaling;
    RotaryPairs pairs = RotaryPairs::Halves;

    RotaryPairs rotaryPairs() const override { return pairs; }
    Result<std::optional<std::uint64_t>> findUnsigned(Fact fact, std::uint64_t, std::uint64_t) const override
    {
        const auto found = numbers.find(fact);
        return found == numbers.end() ? std::nullopt
                                      : std::optional(static_cast<std::uint64_t>(found->second));
    }
    Result<std::optional<double>> findFloat(Fact fact, double, double) const override
    {
        const auto found = numbers.find(fact);
        return found == numbers.end() ? std::nullopt : std::optional(found->second);
    }
    Result<std::optional<std::string>> findWord(Fact) const override { return scaling; }
    Result<std::optional<std::vector<std::uint64_t>>> findPerLayer(Fact, std::size_t, std::uint64_t,
                                                                   std::uint64_t) const override
    {
        return std::optional<std::vector<std::uint64_t>>{};
    }
    Result<std::optional<std::vector<bool>>> findFlags(Fact, std::size_t) const override
    {
        return std::optional<std::vector<bool>>{};
    }
    Result<std::uint64_t> vocabSize(std::uint64_t numTokens) const override { return numTokens; }
    bool has(TensorRole) const override { return false; }
    Result<WeightMatrix> matrix(TensorRole, std::uint64_t, std::uint64_t) override { return WeightMatrix{}; }
    Result<std::span<const float>> vector(TensorRole, std::uint64_t) override
    {
        return std::span<const float>();
    }
    void leave(TensorRole) override { }
    Result<void> checkAllTaken() const override { return {}; }
    std::shared_ptr<const void> storage() const override { return nullptr; }
    Error fail(Fact fact, const std::string& found, const std::string& expected,
               ErrorCode code) const override
    {
        return {code, found + ", expected " + expected, std::to_string(static_cast<int>(fact))};
    }
    Error fail(TensorRole, const std::string& found, const std::string& expected) const override
    {
        return {ErrorCode::BadFormat, found + ", expected " + expected, "tensor"};
    }
};

struct Golden {
    const char* name;
    const char* scaling;
    std::map<Fact, double> numbers;
    std::vector<double> frequencies;
    double magnitude;
};

const std::vector<Golden>& goldens()
{
    using enum Fact;
    const std::map<Fact, double> yarn = {{RopeFactor, 8}, {RopeOriginalContext, 256}};
    const auto with = [](std::map<Fact, double> numbers, const std::map<Fact, double>& more) {
        numbers.insert(more.begin(), more.end());
        return numbers;
    };
    const std::vector<double> rounded = {1.0,           0.247052938,    0.0562500022,   0.01087033,
                                         0.00124999997, 0.000395284733, 0.000125000006, 3.95284733e-05};
    static const std::vector<Golden> kGoldens = {
        {"linear",
         "linear",
         {{RopeFactor, 8}},
         {0.125, 0.0395284705, 0.0125000002, 0.00395284733, 0.00124999997, 0.000395284733, 0.000125000006,
          3.95284733e-05},
         1},
        {"llama3",
         "llama3",
         {{RopeBase, 500'000},
          {RopeFactor, 8},
          {RopeLowFactor, 1},
          {RopeHighFactor, 4},
          {RopeOriginalContext, 256}},
         {1.0, 0.193922758, 0.0105382307, 0.000911583134, 0.000176776681, 3.42810235e-05, 6.64786967e-06,
          1.28917316e-06},
         1},
        {"yarn", "yarn", yarn, rounded, 1.2079441541679836},
        {"yarn, ramp not rounded",
         "yarn",
         with(yarn, {{YarnTruncates, 0}}),
         {1.0, 0.243596405, 0.0479650758, 0.00597613677, 0.00124999997, 0.000395284733, 0.000125000006,
          3.95284733e-05},
         1.2079441541679836},
        {"yarn, mscale",
         "yarn",
         with(yarn, {{YarnMscale, 0.7}, {YarnMscaleAllDim, 1.4}, {YarnBetaFast, 4}, {YarnBetaSlow, 0.5}}),
         {1.0, 0.316227764, 0.100000001, 0.0177878123, 0.00124999997, 0.000395284733, 0.000125000006,
          3.95284733e-05},
         0.8872601282602985},
        {"yarn, a magnitude", "yarn", with(yarn, {{YarnMagnitude, 1.25}}), rounded, 1.25},
    };
    return kGoldens;
}

} // namespace

class TestRotaryFacts : public QObject {
    Q_OBJECT

private slots:
    void scalings_equalTheReference_data()
    {
        QTest::addColumn<int>("golden");
        for (std::size_t i = 0; i < goldens().size(); ++i)
            QTest::newRow(goldens()[i].name) << int(i);
    }

    void scalings_equalTheReference()
    {
        QFETCH(int, golden);
        const Golden& expected = goldens()[static_cast<std::size_t>(golden)];
        FactSource source;
        source.numbers = expected.numbers;
        source.scaling = expected.scaling;
        const auto rotary = readRotary(source, 16);
        QVERIFY(rotary);
        QVERIFY(std::abs(rotary->magnitude - expected.magnitude) <= 1e-12);
        QCOMPARE(rotary->pairs, RotaryPairs::Halves);
        QCOMPARE(rotary->frequencies.size(), expected.frequencies.size());
        for (std::size_t i = 0; i < expected.frequencies.size(); ++i)
            QVERIFY2(std::abs(rotary->frequencies[i] - expected.frequencies[i])
                         <= 1e-6 * expected.frequencies[i],
                     qPrintable(QString::number(rotary->frequencies[i])));
    }

    void unscaledLayers_haveTheirOwnBase()
    {
        FactSource source;
        source.numbers = {{Fact::RopeBase, 1e6}, {Fact::LocalRopeBase, 100}, {Fact::RopeFactor, 8}};
        source.scaling = "linear";
        const auto rotary = readRotary(source, 4, RotaryLayers::Local);
        QVERIFY(rotary);
        QCOMPARE(rotary->frequencies, (std::vector<double>{1, 0.1}));
    }

    void partOfAHead_isAllThatTurns()
    {
        FactSource source;
        source.numbers = {{Fact::RotatedDims, 4}};
        const auto rotary = readRotary(source, 16);
        QVERIFY(rotary);
        QCOMPARE(rotary->frequencies, (std::vector<double>{1, 0.01})); // 10 000^(-2 i / 4)
    }

    void lies_areRefused_data()
    {
        QTest::addColumn<QString>("scaling");
        QTest::addColumn<double>("low");
        QTest::addColumn<QString>("said");
        QTest::newRow("unknown") << "longrope" << 1.0 << "longrope";
        QTest::newRow("no original context") << "yarn" << 1.0 << "missing";
        QTest::newRow("factors that do not rise") << "llama3" << 4.0 << "more than 4";
    }

    void lies_areRefused()
    {
        QFETCH(QString, scaling);
        QFETCH(double, low);
        QFETCH(QString, said);
        FactSource source;
        source.numbers = {{Fact::RopeFactor, 8}, {Fact::RopeLowFactor, low}, {Fact::RopeHighFactor, 4}};
        if (scaling == "llama3")
            source.numbers[Fact::RopeOriginalContext] = 256;
        source.scaling = scaling.toStdString();
        const auto rotary = readRotary(source, 16);
        QVERIFY(!rotary);
        QVERIFY2(QString::fromStdString(rotary.error().text()).contains(said), rotary.error().text().c_str());
    }
};

QTEST_APPLESS_MAIN(TestRotaryFacts)
#include "tst_rotary_facts.moc"
