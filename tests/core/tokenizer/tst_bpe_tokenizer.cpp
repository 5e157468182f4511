// SPDX-License-Identifier: Apache-2.0
#include "core/base/mapped_file.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/core/tokenizer/small_bpe.h"

#include <QTest>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <pthread.h>
#include <random>
#include <thread>

using namespace headwater;

namespace {

const std::vector<std::string> kMerges = {"h e",  "l l", "he ll", "hell o", "Ġ w",
                                          "Ġw o", "a a", "aa aa", "Ã ©",    "Ġ Ġ"};

std::vector<std::string> spellings(const TokenizerData& data, const TokenSequence& sequence)
{
    std::vector<std::string> out;
    for (const std::int32_t id : sequence.ids)
        out.push_back(data.tokens.at(static_cast<std::size_t>(id)));
    return out;
}

ByteBpe& bpeOf(TokenizerData& data)
{
    return std::get<ByteBpe>(data.kind);
}

/// Every byte of the text lies in exactly one token's range, in order.
bool rebuilds(const TokenSequence& sequence, const std::string& text)
{
    std::string rebuilt;
    for (std::size_t i = 0; i < sequence.ids.size(); ++i) {
        if (sequence.offsets[i] > sequence.offsets[i + 1])
            return false;
        rebuilt += text.substr(sequence.offsets[i], sequence.offsets[i + 1] - sequence.offsets[i]);
    }
    return rebuilt == text && sequence.offsets.size() == sequence.ids.size() + 1
        && sequence.offsets.back() == text.size();
}

} // namespace

class TestBpeTokenizer : public QObject {
    Q_OBJECT
private slots:
    void text_becomesMergedTokens()
    {
        const TokenizerData data = smallBpe(kMerges);
        const auto tokenizer = makeTokenizer(data);
        QVERIFY(tokenizer.has_value());
        const auto out = (*tokenizer)->encode("hello world é 42");
        QCOMPARE(spellings(data, *out),
                 (std::vector<std::string>{"hello", "Ġwo", "r", "l", "d", "Ġ", "Ã©", "Ġ", "4", "2"}));
        QCOMPARE(out->offsets, (std::vector<std::uint32_t>{0, 5, 8, 9, 10, 11, 12, 14, 15, 16, 17}));
        QCOMPARE((*tokenizer)->vocabSize(), static_cast<std::int32_t>(data.tokens.size()));
    }

    void addedTokens_areMatchedFirst()
    {
        TokenizerData data = smallBpe(kMerges, {"<|x|>", "hell"});
        data.tokens.pop_back(); // "hell" is a merge already
        data.types.pop_back();
        const auto tokenizer = makeTokenizer(data);
        QVERIFY(tokenizer.has_value());
        const auto out = (*tokenizer)->encode("hello<|x|><|x|> hello");
        QCOMPARE(spellings(data, *out), (std::vector<std::string>{"hello", "<|x|>", "<|x|>", "Ġ", "hello"}));
        QVERIFY(rebuilds(*out, "hello<|x|><|x|> hello"));
        const std::int32_t control = idOf(data, "<|x|>");
        QCOMPARE((*tokenizer)->decode(control, true), std::string("<|x|>"));
        QCOMPARE((*tokenizer)->decode(control, false), std::string());
        QCOMPARE((*tokenizer)->decode(idOf(data, "Ã©"), false), std::string("é"));
        QCOMPARE((*tokenizer)->decode(-1, true), std::string());
        QCOMPARE((*tokenizer)->decode(1 << 20, true), std::string());
    }

    /// Small vocabularies whose added tokens overlap, are no control tokens, or take the blanks beside them:
    /// against `tokenizers` with split_special_tokens (python/reference/make_plain_ids.py).
    void controlTokensAsText_haveTheIdsOfTokenizers()
    {
        const auto file = readFile(
            std::string(HEADWATER_SOURCE_DIR) + "/tests/data/reference/tokenizer/plain-small.json", 1 << 20);
        QVERIFY(file.has_value());
        int lines = 0;
        for (const nlohmann::json& small : nlohmann::json::parse(*file)) {
            TokenizerData data;
            small["tokens"].get_to(data.tokens);
            for (const nlohmann::json& type : small["types"])
                data.types.push_back(static_cast<TokenType>(type.get<std::int32_t>()));
            ByteBpe bpe;
            bpe.splitName = "smollm";
            bpe.merges = mergePairs(small["merges"].get<std::vector<std::string>>());
            data.kind = std::move(bpe);
            const auto tokenizer = makeTokenizer(data);
            QVERIFY(tokenizer.has_value());
            for (const nlohmann::json& line : small["lines"]) {
                const auto text = line["text"].get<std::string>();
                const auto out = (*tokenizer)->encode(text, std::array{PlainRange{0, text.size()}});
                QVERIFY2(out->ids == line["plain"].get<std::vector<std::int32_t>>(),
                         qPrintable(
                             QString("%1: %2").arg(small["name"].get<std::string>().c_str(), text.c_str())));
                QVERIFY(rebuilds(*out, text));
                ++lines;
            }
        }
        QCOMPARE(lines, 140);
    }

    void plainRange_leavesTheFramesTokens_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<int>("controls");
        QTest::newRow("nothing plain") << QByteArray("<|x|>") << QByteArray() << QByteArray("<|x|>") << 2;
        QTest::newRow("inside") << QByteArray("<|x|>") << QByteArray("a<|x|>b") << QByteArray("<|x|>") << 2;
        QTest::newRow("alone") << QByteArray("<|x|>") << QByteArray("<|x|>") << QByteArray("<|x|>") << 2;
        QTest::newRow("across the end")
            << QByteArray("<|x|>") << QByteArray("<|x") << QByteArray("|><|x|>") << 2;
        QTest::newRow("across the beginning")
            << QByteArray("<|x|><|") << QByteArray("x|>") << QByteArray() << 1;
        QTest::newRow("no frame") << QByteArray() << QByteArray("<|x|>") << QByteArray() << 0;
    }

    void plainRange_leavesTheFramesTokens()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, after);
        QFETCH(int, controls);
        const TokenizerData data = smallBpe(kMerges, {"<|x|>"});
        const auto tokenizer = makeTokenizer(data);
        const std::string whole = (before + text + after).toStdString();
        const auto begin = static_cast<std::size_t>(before.size());
        const auto out =
            (*tokenizer)
                ->encode(whole, std::array{PlainRange{begin, begin + static_cast<std::size_t>(text.size())}});
        QCOMPARE(std::ranges::count(out->ids, idOf(data, "<|x|>")), controls);
        QVERIFY(rebuilds(*out, whole));
    }

    void plainRange_isNoSeam()
    {
        // A word that begins in the frame goes on in the text: as it would without the range.
        const auto tokenizer = makeTokenizer(smallBpe(kMerges, {"<|x|>"}));
        QCOMPARE((*tokenizer)->encode("<|x|>hello world", std::array{PlainRange{7, 12}})->ids,
                 (*tokenizer)->encode("<|x|>hello world")->ids);
    }

    void bosAndEos_haveEmptyRanges()
    {
        TokenizerData data = smallBpe(kMerges, {"<s>", "</s>"});
        data.bos = idOf(data, "<s>");
        data.eos = idOf(data, "</s>");
        data.addBos = true;
        data.addEos = true;
        const auto tokenizer = makeTokenizer(data);
        const auto out = (*tokenizer)->encode("hello");
        QCOMPARE(spellings(data, *out), (std::vector<std::string>{"<s>", "hello", "</s>"}));
        QCOMPARE(out->offsets, (std::vector<std::uint32_t>{0, 0, 5, 5}));
        const auto empty = (*tokenizer)->encode("");
        QCOMPARE(empty->ids.size(), std::size_t{2});
        QCOMPARE(empty->offsets, (std::vector<std::uint32_t>{0, 0, 0}));
        QVERIFY((*tokenizer)->endsGeneration(data.eos));
        QVERIFY(!(*tokenizer)->endsGeneration(data.bos));
    }

    void endings_areKnownByNameAndById()
    {
        TokenizerData data = smallBpe(kMerges, {"<|im_end|>", "<turn>"});
        data.endOfTurn = idOf(data, "<turn>");
        const auto tokenizer = makeTokenizer(data);
        QVERIFY((*tokenizer)->endsGeneration(idOf(data, "<|im_end|>")));
        QVERIFY((*tokenizer)->endsGeneration(data.endOfTurn));
        QVERIFY(!(*tokenizer)->endsGeneration(0));
        QVERIFY(!(*tokenizer)->endsGeneration(-1));
    }

    /// llama.cpp gives no token for a byte that the vocabulary lacks; the bytes stay in a neighbour's range.
    void missingByte_givesNoToken()
    {
        TokenizerData data = smallBpe(kMerges);
        data.tokens[0x04] = "unreachable";
        data.tokens['z'] = "unreachable too";
        const auto tokenizer = makeTokenizer(data);
        const auto out = (*tokenizer)->encode("z\x04hello\x04");
        QCOMPARE(spellings(data, *out), (std::vector<std::string>{"hello"}));
        QCOMPARE(out->offsets, (std::vector<std::uint32_t>{0, 8}));
        const auto none = (*tokenizer)->encode("\x04");
        QVERIFY(none->ids.empty());
        QCOMPARE(none->offsets, (std::vector<std::uint32_t>{1}));
    }

    void anyBytes_areRebuiltByOffsetsAndDecoded_seeded()
    {
        const TokenizerData data = smallBpe(kMerges, {"<|x|>"});
        const auto tokenizer = makeTokenizer(data);
        std::mt19937 random(11);
        const std::vector<std::string> pieces = {
            "hello", " wo", "é", "<|x|>", "\xFF", "\xE6\x97", std::string("\0", 1), "  ", "\n", "7", "日"};
        for (int round = 0; round < 2000; ++round) {
            std::string text;
            for (std::size_t i = random() % 12; i > 0; --i)
                text += random() % 3 == 0 ? std::string(1, static_cast<char>(random()))
                                          : pieces[random() % pieces.size()];
            const auto out = (*tokenizer)->encode(text);
            QVERIFY(out.has_value());
            QVERIFY(rebuilds(*out, text));
            std::string decoded;
            for (const std::int32_t id : out->ids)
                decoded += (*tokenizer)->decode(id, true);
            QCOMPARE(decoded, text);
        }
    }

    /// 1 000 000 repeated characters of several kinds on a stack of 256 KiB.
    void longRuns_needNoDeepStack()
    {
        struct Work {
            TokenizerData data = smallBpe(kMerges);
            std::size_t counts[4] = {};
        } work;
        const auto body = [](void* argument) -> void* {
            Work& w = *static_cast<Work*>(argument);
            const auto tokenizer = makeTokenizer(w.data);
            w.counts[0] = (*tokenizer)->encode(std::string(1'000'000, 'a'))->ids.size();
            w.counts[1] = (*tokenizer)->encode(std::string(1'000'000, ' '))->ids.size();
            w.counts[2] = (*tokenizer)->encode(std::string(1'000'000, '\x80'))->ids.size();
            w.counts[3] = (*tokenizer)->encode(std::string(1'000'000, '<'))->ids.size();
            return nullptr;
        };
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 256 << 10);
        pthread_t thread;
        QCOMPARE(pthread_create(&thread, &attributes, body, &work), 0);
        pthread_join(thread, nullptr);
        pthread_attr_destroy(&attributes);
        QCOMPARE(work.counts[0], std::size_t{250'000}); // "aaaa"
        QCOMPARE(work.counts[1], std::size_t{500'000}); // two spaces
        QCOMPARE(work.counts[2], std::size_t{1'000'000});
        QCOMPARE(work.counts[3], std::size_t{1'000'000});
    }

    void tooMuchText_isRefused()
    {
        const auto tokenizer = makeTokenizer(smallBpe(kMerges));
        const auto bytes = (*tokenizer)->encode(std::string((64 << 20) + 1, 'a'));
        QCOMPARE(bytes.error().code, ErrorCode::InvalidArgument);
        const auto tokens = (*tokenizer)->encode(std::string((4 << 20) + 1, '7'));
        QCOMPARE(tokens.error().code, ErrorCode::InvalidArgument);
        QVERIFY(tokens.error().message.find("4194304") != std::string::npos);
    }

    void threads_shareOneTokenizer()
    {
        const auto tokenizer = makeTokenizer(smallBpe(kMerges));
        const std::string text = "hello world é 42 aaaa  hello";
        const auto expected = (*tokenizer)->encode(text)->ids;
        std::atomic<int> wrong = 0;
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 500; ++i)
                    wrong += (*tokenizer)->encode(text)->ids != expected;
            });
        threads.clear();
        QCOMPARE(wrong.load(), 0);
    }

    void identity_changesWithWhatDecidesIds()
    {
        const TokenizerData data = smallBpe(kMerges, {"<|x|>"});
        const auto identity = [](const TokenizerData& d) { return (*makeTokenizer(d))->identity(); };
        const std::string own = identity(data);
        QCOMPARE(own.size(), std::size_t{64});
        QCOMPARE(identity(data), own);
        TokenizerData other = data;
        other.chatTemplate = "something";
        QCOMPARE(identity(other), own);
        other = data;
        std::swap(bpeOf(other).merges[0], bpeOf(other).merges[1]);
        QVERIFY(identity(other) != own);
        other = data;
        other.types.back() = TokenType::Normal;
        QVERIFY(identity(other) != own);
        other = data;
        bpeOf(other).splitName = "gpt-2";
        QVERIFY(identity(other) != own);
        other = data;
        bpeOf(other).ignoresMerges = true;
        QVERIFY(identity(other) != own);
    }

    void badData_isRefused_data()
    {
        QTest::addColumn<int>("which");
        const char* const names[] = {
            "no tokens",           "a token twice",           "no merges",  "merge of an unknown token",
            "merge without space", "types of another length", "eos beyond", "bos to add without id",
            "unknown pre",         "endless added token"};
        int which = 0;
        for (const char* name : names)
            QTest::newRow(name) << which++;
    }

    void badData_isRefused()
    {
        QFETCH(const int, which);
        TokenizerData data = smallBpe(kMerges);
        ErrorCode code = ErrorCode::BadFormat;
        switch (which) {
        case 0:
            data.tokens.clear();
            break;
        case 1:
            data.tokens[5] = data.tokens[6];
            break;
        case 2:
            bpeOf(data).merges.clear();
            break;
        case 3:
            bpeOf(data).merges[0] = {"h", "xyz"};
            break;
        case 4:
            bpeOf(data).merges[0] = {"he", ""};
            break;
        case 5:
            data.types.pop_back();
            break;
        case 6:
            data.eos = static_cast<std::int32_t>(data.tokens.size());
            break;
        case 7:
            data.addBos = true;
            break;
        case 8:
            bpeOf(data).splitName = "no-such-thing";
            code = ErrorCode::Unsupported;
            break;
        default:
            data.tokens.push_back(std::string(257, '<'));
            data.types.push_back(TokenType::Control);
        }
        const auto made = makeTokenizer(data);
        QVERIFY(!made.has_value());
        QCOMPARE(made.error().code, code);
        QVERIFY(made.error().text().find("expected") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestBpeTokenizer)
#include "tst_bpe_tokenizer.moc"
