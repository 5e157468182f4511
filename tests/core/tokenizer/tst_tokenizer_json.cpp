// SPDX-License-Identifier: Apache-2.0
// tokenizer.json and tokenizer.model of eight families' settings (python/reference/make_vocabularies.py): ids
// of 10 000 lines, and of 1 000 with added tokens, against Hugging Face's `tokenizers` and SentencePiece.
#include "core/model/folder/hf_tokenizer.h"
#include "support/fuzz_corpus.h"
#include "tests/core/tokenizer/reference_lines.h"

#include <QTest>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <zlib.h>

using namespace headwater;
using namespace headwater::test;

namespace {

std::uint32_t crcOf(const std::vector<std::int32_t>& ids)
{
    return static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(ids.data()),
                                              static_cast<uInt>(ids.size() * sizeof(ids[0]))));
}

std::vector<std::uint32_t> readCrcs(const std::string& name)
{
    const std::string bytes = unpacked(name);
    std::vector<std::uint32_t> crcs(bytes.size() / sizeof(std::uint32_t));
    std::memcpy(crcs.data(), bytes.data(), bytes.size());
    return crcs;
}

/// The first line whose ids are others, or whose ranges are not the line; empty when there is none.
std::string firstWrong(const Tokenizer& tokenizer, const std::vector<std::string>& lines,
                       const std::vector<std::uint32_t>& crcs)
{
    for (std::size_t i = 0; i < crcs.size(); ++i) {
        const auto out = tokenizer.encode(lines.at(i));
        if (!out)
            return out.error().text();
        if (crcOf(out->ids) != crcs[i] || !hasIds(tokenizer, lines[i], out->ids))
            return "line " + std::to_string(i) + ": " + lines[i];
    }
    return {};
}

TokenizerData familyData(const std::string& family)
{
    auto data = readTokenizerJson(unpacked("family-" + family + ".json.bin.zst"), family);
    if (!data)
        qFatal("%s", data.error().text().c_str());
    return std::move(*data);
}

Result<TokenizerData> readJsonOf(const std::string& text, const std::string& where)
{
    keepForFuzzing("tokenizer_json", text);
    return readTokenizerJson(text, where);
}

Result<TokenizerData> readPiecesOf(const std::string& bytes, const std::string& where)
{
    keepForFuzzing("tokenizer_model", bytes);
    return readSentencePieceModel(bytes, where);
}

std::string varint(std::uint64_t value)
{
    std::string bytes;
    for (; value > 0x7F; value >>= 7)
        bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}

/// Fields of a SentencePiece message.
std::string number(unsigned field, std::uint64_t value)
{
    return varint(field << 3) + varint(value);
}
std::string field(unsigned number, const std::string& bytes)
{
    return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string piece(const std::string& spelling, unsigned type, float score = 0)
{
    std::string bits(sizeof score, '\0');
    std::memcpy(bits.data(), &score, sizeof score);
    return field(1, field(1, spelling) + varint(2 << 3 | 5) + bits + number(3, type));
}

/// A small tokenizer.json that is read.
nlohmann::json smallJson()
{
    return nlohmann::json::parse(R"({"added_tokens":[{"id":3,"content":"<s>","special":true}],
        "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
        "post_processor":null,"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}})");
}

} // namespace

class TestTokenizerJson : public QObject {
    Q_OBJECT
private slots:
    void families_haveTheIdsOfTokenizers_data()
    {
        QTest::addColumn<QString>("family");
        for (const char* const name :
             {"llama3", "qwen3", "tekken", "flags", "mistral-v1", "llama2", "gemma", "unigram"})
            QTest::newRow(name) << name;
    }

    void families_haveTheIdsOfTokenizers()
    {
        QFETCH(const QString, family);
        const std::string name = "family-" + family.toStdString();
        const TokenizerData data = familyData(family.toStdString());
        const auto tokenizer = makeTokenizer(data);
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());
        std::vector<std::string> lines = readLines("corpus.bin.zst");
        std::ranges::move(readLines(name + ".lines.bin.zst"), std::back_inserter(lines));
        const auto crcs = readCrcs(name + ".crc.bin.zst");
        QCOMPARE(crcs.size(), std::size_t{11'000});
        const std::string wrong = firstWrong(**tokenizer, lines, crcs);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    /// What GGUF says of the same vocabularies: our patterns by name, llama.cpp's order of added tokens.
    void namedSplits_areTheFamiliesPatterns_data()
    {
        QTest::addColumn<QString>("family");
        QTest::addColumn<QString>("split");
        QTest::newRow("llama-bpe") << "llama3"
                                   << "llama-bpe";
        QTest::newRow("tekken") << "tekken"
                                << "tekken";
        QTest::newRow("qwen2") << "qwen3"
                               << "qwen2"; // NFC aside: the lines are compared where it changes nothing
    }

    void namedSplits_areTheFamiliesPatterns()
    {
        QFETCH(const QString, family);
        QFETCH(const QString, split);
        TokenizerData data = familyData(family.toStdString());
        const auto own = makeTokenizer(data);
        auto& bpe = std::get<ByteBpe>(data.kind);
        bpe.patterns.clear();
        bpe.splitName = split.toStdString();
        data.isNfc = false;
        const auto named = makeTokenizer(data);
        QVERIFY(own && named);
        QVERIFY((*own)->identity() != (*named)->identity());
        int compared = 0;
        for (const std::string& line : readLines("corpus.bin.zst")) {
            data.isNfc = true;
            const auto expected = (*own)->encode(line)->ids;
            const auto found = (*named)->encode(line)->ids;
            if (family != "qwen3" || expected == found) {
                QVERIFY2(expected == found, line.c_str());
                ++compared;
            }
        }
        QVERIFY2(compared > 9'500, qPrintable(QString::number(compared)));
    }

    void sentencePieceModel_hasItsOwnIds_data()
    {
        QTest::addColumn<QString>("family");
        QTest::newRow("BPE") << "mistral-v1";
        QTest::newRow("unigram") << "unigram";
    }

    void sentencePieceModel_hasItsOwnIds()
    {
        QFETCH(const QString, family);
        const std::string name = "family-" + family.toStdString();
        const auto data = readPiecesOf(unpacked(name + ".model.bin.zst"), "tokenizer.model");
        QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
        const auto tokenizer = makeTokenizer(*data);
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());
        const auto crcs = readCrcs(name + ".pieces.crc.bin.zst");
        QCOMPARE(crcs.size(), std::size_t{10'000});
        // SentencePiece takes a control token's spelling for text.
        std::vector<std::string> lines = readLines("corpus.bin.zst");
        for (std::size_t i = 0; i < crcs.size(); ++i) {
            const auto out = (*tokenizer)->encode(lines[i], std::array{PlainRange{0, lines[i].size()}});
            QVERIFY2(crcOf(out->ids) == crcs[i],
                     qPrintable(QString("line %1: %2").arg(i).arg(lines[i].c_str())));
        }
    }

    /// tokenizers makes a byte of it (findings/tokenizers_unigram_reads_byte_spellings.sh).
    void aSpelledByteToken_isText()
    {
        for (const std::string family : {"unigram", "mistral-v1"}) {
            const auto tokenizer = makeTokenizer(familyData(family));
            const auto out = (*tokenizer)->encode("a <0x41> b");
            QVERIFY(out.has_value());
            std::string text;
            for (const std::int32_t id : out->ids)
                text += (*tokenizer)->decode(id, false);
            QCOMPARE(text, std::string(" a <0x41> b"));
        }
    }

    void aMillionOfOneCharacter_areRebuilt()
    {
        const auto tokenizer = makeTokenizer(familyData("unigram"));
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());
        for (const std::string character : {"a", " ", "\xC3\xA9", "\xF0\x9F\x98\x80", "\xFF"}) {
            std::string text;
            for (int i = 0; i < 1'000'000; ++i)
                text += character;
            const auto out = (*tokenizer)->encode(text);
            QVERIFY(out.has_value());
            QVERIFY(hasIds(**tokenizer, text, out->ids));
        }
    }

    void everyCutOfAModelFile_isAnError_data()
    {
        QTest::addColumn<QString>("family");
        QTest::newRow("BPE") << "mistral-v1";
        QTest::newRow("unigram") << "unigram";
    }

    void everyCutOfAModelFile_isAnError()
    {
        QFETCH(const QString, family);
        const std::string whole =
            unpacked("family-" + family.toStdString() + ".model.bin.zst").substr(0, 3000);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const auto data = readPiecesOf(whole.substr(0, length), "cut");
            QVERIFY(!data.has_value()); // a cut one has no trainer that says byte_fallback
        }
        for (const std::string& odd :
             {std::string("\x0B\x0C"), std::string(11, '\xFF'), std::string("\x0A\x7F", 2)})
            QCOMPARE(readPiecesOf(odd, "odd").error().code, ErrorCode::BadFormat);
    }

    /// What SentencePiece's messages may say that cannot be computed, and what they may say though it is odd.
    void modelFilesThatLie_areOneError_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("said");
        QTest::addColumn<bool>("isKnown"); // a format's fault, not one of this version
        const auto row = [](const char* name, const std::string& bytes, const char* said, bool isBad) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(said) << isBad;
        };
        const std::string trainer = field(2, number(3, 2) + number(35, 1));
        const std::string identity = field(3, number(4, 0));
        row("a score that is none", piece("a", 1, std::nanf("")) + trainer + identity,
            "piece 0: type 1, score nan", true);
        row("a type that is none", piece("a", 1) + piece("b", 7) + trainer + identity, "piece 1: type 7",
            true);
        row("a number of eleven bytes", std::string(11, '\xFF') + '\x01',
            "at byte 10: a number of more than ten", true);
        row("a piece that is longer than the file",
            piece("a", 1)
                + std::string("\x0A\x7F"
                              "ab"),
            "127 bytes, expected at most 2", true);
        row("a group", piece("a", 1) + std::string("\x0B\x0C"), "wire type 3, expected 0, 1, 2 or 5", true);
        row("no piece", trainer + identity, "0 pieces", true);
        row("a charsmap of three bytes",
            piece("a", 1) + trainer + field(3, field(1, "nmt_nfkc") + field(2, "abc")),
            "the normaliser \"nmt_nfkc\"", false);
        row("words", piece("a", 1) + field(2, number(3, 3) + number(35, 1)) + identity, "model type 3",
            false);
        row("an unknown token that is none",
            piece("a", 1)
                + field(2, number(3, 2) + number(35, 1) + number(40, 9) + number(41, 0) + number(42, 0))
                + identity,
            "special token: 9, expected an id below 1", true);
    }

    void modelFilesThatLie_areOneError()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, said);
        QFETCH(const bool, isKnown);
        auto data = readPiecesOf(bytes.toStdString(), "folder/tokenizer.model");
        Error error;
        if (data) {
            const auto made = makeTokenizer(*data); // looks at what the pieces say of each other
            QVERIFY(!made.has_value());
            error = made.error();
        } else {
            error = data.error();
            QVERIFY2(error.text().find("folder/tokenizer.model") != std::string::npos, error.text().c_str());
        }
        QCOMPARE(error.code, isKnown ? ErrorCode::BadFormat : ErrorCode::Unsupported);
        QVERIFY2(error.text().find(said.toStdString()) != std::string::npos, error.text().c_str());
    }

    /// Old files have a piece of one NUL (sentencepiece issue 1308).
    void aPieceOfNul_isRead()
    {
        std::string pieces = piece("<unk>", 2) + piece("a", 1) + piece(std::string(1, '\0'), 1);
        for (int byte = 0; byte < 256; ++byte) {
            char spelling[8];
            std::snprintf(spelling, sizeof spelling, "<0x%02X>", static_cast<unsigned>(byte));
            pieces += piece(spelling, 6);
        }
        const auto data = readPiecesOf(
            pieces + field(2, number(3, 2) + number(35, 1)) + field(3, number(3, 0) + number(4, 0)), "old");
        QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
        const auto made = makeTokenizer(*data);
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        const std::string text("a\0a", 3);
        const auto out = (*made)->encode(text);
        QVERIFY(out.has_value());
        QVERIFY(hasIds(**made, text, out->ids));
    }

    /// A vocabulary without U+2581 spells spaces, the one that it puts before a text too, as three bytes:
    /// they are one byte of the text, or none.
    void spacesWithoutAPiece_stayInTheText()
    {
        std::string pieces = piece("<unk>", 2) + piece("a", 1);
        for (int byte = 0; byte < 256; ++byte) {
            char spelling[8];
            std::snprintf(spelling, sizeof spelling, "<0x%02X>", static_cast<unsigned>(byte));
            pieces += piece(spelling, 6);
        }
        for (const unsigned modelType : {1U, 2U}) {
            const auto data = readPiecesOf(
                pieces + field(2, number(3, modelType) + number(35, 1)) + field(3, number(4, 0)), "m");
            QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
            const auto made = makeTokenizer(*data);
            const auto out = (*made)->encode("a a");
            QVERIFY(out.has_value());
            QCOMPARE(out->offsets, (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 1, 1, 1, 2, 3}));
        }
    }

    void oldMerges_areReadAlike()
    {
        nlohmann::json old = smallJson();
        old["model"]["merges"] = {"a b"};
        const auto a = readJsonOf(smallJson().dump(), "new");
        const auto b = readJsonOf(old.dump(), "old");
        QVERIFY(a && b);
        QCOMPARE((*makeTokenizer(*b))->encode("abab")->ids, (std::vector<std::int32_t>{2, 2}));
        QCOMPARE((*makeTokenizer(*a))->identity(), (*makeTokenizer(*b))->identity());
    }

    void whatIsNotComputed_isRefusedByName_data()
    {
        QTest::addColumn<QByteArray>("patch");
        QTest::addColumn<QByteArray>("named");
        QTest::addColumn<bool>("isKnown"); // a format's fault, not one of this version
        const auto row = [](const char* name, const char* patch, const char* named, bool isBad = false) {
            QTest::newRow(name) << QByteArray(patch) << QByteArray(named) << isBad;
        };
        row("words", R"([{"op":"replace","path":"/model/type","value":"WordPiece"}])", "WordPiece");
        row("a unigram model without scores", R"([{"op":"replace","path":"/model/type","value":"Unigram"}])",
            "another kind of model", true);
        row("scores that are none",
            R"([{"op":"replace","path":"/model","value":{"type":"Unigram","vocab":[["a",0],["b","c"]]}}])",
            "model.vocab[1]", true);
        row("a unigram model of bytes",
            R"([{"op":"replace","path":"/model","value":{"type":"Unigram","vocab":[["a",0],["b",-1],["c",-2]]}}])",
            "ByteLevel with a unigram model");
        row("an unknown token that is none", R"([{"op":"add","path":"/model/unk_id","value":4}])", "unk_id",
            true);
        row("zero merges", R"([{"op":"replace","path":"/model/merges","value":[]}])", "0 merges", true);
        row("a merge of three", R"([{"op":"replace","path":"/model/merges","value":["a b c"]}])", "a b c",
            true);
        row("a negative id", R"([{"op":"replace","path":"/model/vocab/a","value":-1}])", "-1", true);
        row("an id twice", R"([{"op":"replace","path":"/model/vocab/a","value":1}])", "one token an id",
            true);
        row("a hole", R"([{"op":"replace","path":"/added_tokens/0/id","value":9}])", "as id 9", true);
        row("an id of ten millions", R"([{"op":"replace","path":"/model/vocab/a","value":10000000}])",
            "10000000", true);
        row("a lower-casing normaliser",
            R"([{"op":"replace","path":"/normalizer","value":{"type":"Lowercase"}}])", "Lowercase");
        row("a prefix space", R"([{"op":"replace","path":"/pre_tokenizer/add_prefix_space","value":true}])",
            "add_prefix_space");
        row("whitespace words",
            R"([{"op":"replace","path":"/pre_tokenizer","value":{"type":"WhitespaceSplit"}}])",
            "WhitespaceSplit");
        row("matches removed",
            R"([{"op":"replace","path":"/pre_tokenizer","value":{"type":"Split","pattern":{"Regex":"a"},"behavior":"Removed","invert":false}}])",
            "Removed");
        row("an endless pattern", "", "4096");
        row("a suffix of words", R"([{"op":"add","path":"/model/end_of_word_suffix","value":"</w>"}])",
            "end_of_word_suffix");
        row("a post-processor",
            R"([{"op":"replace","path":"/post_processor","value":{"type":"RobertaProcessing"}}])",
            "RobertaProcessing");
        row("BOS of no token",
            R"([{"op":"replace","path":"/post_processor","value":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>"}},{"Sequence":{"id":"A"}}]}}])",
            "<x>", true);
    }

    void whatIsNotComputed_isRefusedByName()
    {
        QFETCH(const QByteArray, patch);
        QFETCH(const QByteArray, named);
        QFETCH(const bool, isKnown);
        nlohmann::json json = smallJson();
        if (patch.isEmpty())
            json["pre_tokenizer"] = {{"type", "Split"},
                                     {"pattern", {{"Regex", std::string(1 << 20, 'a')}}},
                                     {"behavior", "Isolated"},
                                     {"invert", false}};
        else
            json = json.patch(nlohmann::json::parse(patch.toStdString()));
        const auto data = readJsonOf(json.dump(), "folder/tokenizer.json");
        QVERIFY(!data.has_value());
        QCOMPARE(data.error().code, isKnown ? ErrorCode::BadFormat : ErrorCode::Unsupported);
        QVERIFY2(data.error().text().find(named.toStdString()) != std::string::npos,
                 data.error().text().c_str());
        QVERIFY(data.error().text().find("folder/tokenizer.json") != std::string::npos);
    }

    void patternsThatAreNone_areUnsupported()
    {
        nlohmann::json json = smallJson();
        json["pre_tokenizer"] = {{"type", "Sequence"},
                                 {"pretokenizers",
                                  {{{"type", "Split"},
                                    {"pattern", {{"Regex", "(a"}}},
                                    {"behavior", "Isolated"},
                                    {"invert", false}},
                                   json["pre_tokenizer"]}}};
        const auto data = readJsonOf(json.dump(), "t");
        QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
        const auto made = makeTokenizer(*data);
        QVERIFY(!made.has_value());
        QCOMPARE(made.error().code, ErrorCode::Unsupported);
        QVERIFY(made.error().text().find("PCRE2") != std::string::npos);
    }

    void noJson_isAnError()
    {
        for (const std::string& text :
             {std::string(), std::string("{"), std::string("[]"), std::string(100'000, '[')})
            QVERIFY(!readJsonOf(text, "t").has_value());
    }
};

QTEST_APPLESS_MAIN(TestTokenizerJson)
#include "tst_tokenizer_json.moc"
