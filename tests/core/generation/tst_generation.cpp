// SPDX-License-Identifier: Apache-2.0
// The loop over a made model: the token after id is id + 1, by a made tokenizer of single letters.
#include "core/generation/generation.h"

#include <QTest>
#include <cmath>

using namespace headwater;

namespace {

constexpr std::int32_t kVocab = 8;

/// "a" to "f"; 6 is a control token, 7 ends generation.
class Letters final : public Tokenizer {
public:
    Result<TokenSequence> encode(std::string_view, std::span<const PlainRange>) const override
    {
        return TokenSequence();
    }
    std::string decode(std::int32_t id, bool withControl) const override
    {
        if (id >= 6)
            return withControl ? "<c>" : "";
        return std::string(1, static_cast<char>('a' + id));
    }
    std::int32_t vocabSize() const override { return kVocab; }
    bool endsGeneration(std::int32_t id) const override { return id == 7; }
    std::string identity() const override { return "letters"; }
};

GenerationOptions asked(std::uint32_t count, std::vector<std::string> stops = {})
{
    GenerationOptions options;
    options.count = count;
    options.stops = std::move(stops);
    return options;
}

std::vector<float> after(std::int32_t id)
{
    std::vector<float> logits(kVocab, 0.0f);
    logits[std::size_t(id + 1) % kVocab] = 2;
    return logits;
}

} // namespace

class TstGeneration : public QObject {
    Q_OBJECT

private:
    std::vector<std::int32_t> m_decoded;
    std::string m_streamed;

    Result<Generation> generateFrom(std::int32_t last, GenerationOptions options, bool all = false,
                                    std::stop_token stop = {})
    {
        m_decoded.clear();
        m_streamed.clear();
        GenerationSteps steps;
        steps.decode = [this](std::int32_t id, std::stop_token) -> Result<std::vector<float>> {
            m_decoded.push_back(id);
            return after(id);
        };
        steps.token = [this](const GeneratedToken& token) { m_streamed += token.text; };
        if (all)
            steps.decoded = [](std::int32_t, float, std::span<const float>) {};
        const std::int32_t prompt[] = {last};
        return generate(prompt, after(last), Letters(), options, steps, std::move(stop));
    }

private slots:
    void count_endsIt()
    {
        const auto made = generateFrom(0, asked(3));
        QVERIFY(made);
        QCOMPARE(made->ids, (std::vector<std::int32_t>{1, 2, 3}));
        QCOMPARE(made->text, std::string("bcd"));
        QCOMPARE(m_streamed, made->text);
        QCOMPARE(made->end, GenerationEnd::Count);
        QCOMPARE(m_decoded, (std::vector<std::int32_t>{1, 2})); // the last one is not needed
        for (const float logprob : made->logprobs)
            QVERIFY(std::abs(double(logprob) - (2 - std::log(std::exp(2.0) + 7))) < 4e-6);
        QVERIFY(generateFrom(0, asked(3), true));
        QCOMPARE(m_decoded, (std::vector<std::int32_t>{1, 2, 3}));
        const auto none = generateFrom(0, asked(0));
        QVERIFY(none && none->ids.empty());
    }

    void anEndToken_endsIt()
    {
        const auto made = generateFrom(3, asked(60));
        QVERIFY(made);
        QCOMPARE(made->ids, (std::vector<std::int32_t>{4, 5, 6}));
        QCOMPARE(made->text, std::string("ef"));
        QCOMPARE(made->end, GenerationEnd::EndToken);
        GenerationOptions spelt = asked(60);
        spelt.spellControl = true;
        QCOMPARE(generateFrom(3, spelt)->text, std::string("ef<c>"));
    }

    void aStopString_endsIt()
    {
        const auto made = generateFrom(0, asked(60, {"xy", "de"}));
        QVERIFY(made);
        QCOMPARE(made->ids, (std::vector<std::int32_t>{1, 2, 3, 4}));
        QCOMPARE(made->text, std::string("bc"));
        QCOMPARE(m_streamed, made->text);
        QCOMPARE(made->end, GenerationEnd::StopString);
        QCOMPARE(made->stoppedBy, std::string("de"));
    }

    /// What a stop string might have begun is shown when an end token or the count comes in between.
    void heldBackText_comesAtTheEnd()
    {
        const auto made = generateFrom(3, asked(60, {"efg"}));
        QVERIFY(made);
        QCOMPARE(made->text, std::string("ef"));
        QCOMPARE(m_streamed, made->text);
        QVERIFY(generateFrom(0, asked(2, {"cd"})));
        QCOMPARE(m_streamed, std::string("bc"));
    }

    /// The numbers are the model's own: neither penalty nor temperature changes them.
    void logprobs_areTheModels()
    {
        GenerationOptions options = asked(2);
        options.sampling.repetitionPenalty = 50;
        const auto made = generateFrom(0, options);
        QVERIFY(made);
        QCOMPARE(made->ids[0], 1);
        QCOMPARE(made->likeliest, (std::vector<std::int32_t>{1, 2}));
        QVERIFY(std::abs(double(made->logprobs[1]) - (2 - std::log(std::exp(2.0) + 7))) < 4e-6);
    }

    void aStop_isHeardBeforeTheNextToken()
    {
        std::stop_source source;
        source.request_stop();
        const auto made = generateFrom(0, asked(3), false, source.get_token());
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Cancelled);
        QVERIFY(m_decoded.empty());
    }
};

QTEST_APPLESS_MAIN(TstGeneration)
#include "tst_generation.moc"
