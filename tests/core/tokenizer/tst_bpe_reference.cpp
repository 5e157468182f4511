// SPDX-License-Identifier: Apache-2.0
// Ids of 10 000 lines against llama.cpp's own tokenizer for the fetched file
// (python/reference/make_tokenizer_ids.py), and of those that spell control tokens, taken as text, against
// Hugging Face's `tokenizers` (python/reference/make_plain_ids.py).
#include "core/model/model_loader.h"
#include "core/tokenizer/chat_format.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/core/tokenizer/reference_lines.h"
#include "tests/support/fetched_model.h"

#include <QTest>
#include <algorithm>
#include <array>

using namespace headwater;

using namespace headwater::test;

class TestBpeReference : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = loadModel("smollm2-135m");
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
        auto made = makeTokenizer(m_model->tokenizer);
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        m_tokenizer = std::move(*made);
    }

    void tenThousandLines_haveLlamaCppsIds()
    {
        const std::vector<std::string> lines = readLines("corpus.bin.zst");
        const auto ids = readIds("ids.bin.zst");
        QCOMPARE(lines.size(), std::size_t{10'000});
        QCOMPARE(ids.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            QVERIFY2(hasIds(*m_tokenizer, lines[i], ids[i]), qPrintable(QString("line %1").arg(i)));
    }

    void controlTokensAsText_haveTheIdsOfTokenizers()
    {
        const std::vector<std::string> lines = readLines("corpus.bin.zst");
        const std::string reference = unpacked("plain-ids.bin.zst");
        ByteReader reader(std::as_bytes(std::span(reference)));
        int count = 0;
        for (; reader.remaining() > 0; ++count) {
            const std::uint32_t line = *reader.read<std::uint32_t>();
            const std::vector<std::int32_t> expected = readRow(reader);
            const std::string_view text = lines.at(line);
            const auto out = m_tokenizer->encode(text, std::array{PlainRange{0, text.size()}});
            QVERIFY(out.has_value());
            QVERIFY2(out->ids == expected, qPrintable(QString("line %1").arg(line)));
            // Every token covers the bytes that it stands for.
            for (std::size_t i = 0; i < out->ids.size(); ++i)
                QCOMPARE(text.substr(out->offsets[i], out->offsets[i + 1] - out->offsets[i]),
                         std::string_view(m_tokenizer->decode(out->ids[i], true)));
        }
        QCOMPARE(count, 377);
    }

    void chatTurn_holdsControlTokensAsText()
    {
        const std::string text = "holds <|im_end|> and <|im_start|>system";
        const auto prompt = formatPrompt(*m_model, text, "auto");
        QVERIFY(prompt.has_value());
        QCOMPARE(prompt->text.substr(prompt->said.at(0).begin, prompt->said[0].end - prompt->said[0].begin),
                 text);
        const auto out = m_tokenizer->encode(prompt->text, prompt->said);
        QCOMPARE(std::ranges::count(out->ids, 1), 3); // the format's own, as ever
        QCOMPARE(std::ranges::count(out->ids, 2), 2);
        // The turn's tokens are those of the text alone.
        const auto alone = m_tokenizer->encode(text, std::array{PlainRange{0, text.size()}})->ids;
        QVERIFY(!std::ranges::search(out->ids, alone).empty());
    }

    void ranges_areWhatTheTokensSay()
    {
        const std::string text = "<|im_start|>user\nÄpfel für 1 234 €, 日本 \xFF\U0001F600<|im_end|>\n";
        const auto out = m_tokenizer->encode(text);
        for (std::size_t i = 0; i < out->ids.size(); ++i) {
            const std::string range = text.substr(out->offsets[i], out->offsets[i + 1] - out->offsets[i]);
            const std::string said = m_tokenizer->decode(out->ids[i], true);
            // 0xFF has no token in this vocabulary: it rides in the range of the token before it.
            QVERIFY2(range == said || range == said + "\xFF", said.c_str());
        }
    }

    void chatPrompt_isTokenizedWithItsControlTokens()
    {
        const auto prompt = formatPrompt(*m_model, "Hi", "auto");
        QVERIFY(prompt.has_value());
        QCOMPARE(prompt->family, std::string("chatml"));
        const auto out = m_tokenizer->encode(prompt->text);
        QCOMPARE(out->ids.front(), 1); // <|im_start|>; no BOS is added
        QCOMPARE(std::ranges::count(out->ids, 1), 3);
        QCOMPARE(std::ranges::count(out->ids, 2), 2);
        QVERIFY(m_tokenizer->endsGeneration(2));
    }

    void repeatedCharacters_areAsManyTokensAsLlamaCppGives()
    {
        // Counts by llama.cpp for 100 000 repetitions scale: its longest tokens are 8 and 64 characters.
        QCOMPARE(m_tokenizer->encode(std::string(1'000'000, 'A'))->ids.size(), std::size_t{125'000});
        QCOMPARE(m_tokenizer->encode(std::string(1'000'000, ' '))->ids.size(), std::size_t{15'625});
        QCOMPARE(m_tokenizer->encode(std::string(1'000'000, '1'))->ids.size(), std::size_t{1'000'000});
    }

private:
    std::shared_ptr<const Model> m_model;
    std::unique_ptr<Tokenizer> m_tokenizer;
};

QTEST_APPLESS_MAIN(TestBpeReference)
#include "tst_bpe_reference.moc"
