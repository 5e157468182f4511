// SPDX-License-Identifier: Apache-2.0
// safetensors files, and those that lie: one error each, with file, byte, tensor, found and expected, before
// anything is allocated for it.
#include "core/model/folder/safetensors_reader.h"
#include "core/model/json_reader.h"
#include "support/fuzz_corpus.h"
#include "tests/core/model/folder_builder.h"

#include <QTest>
#include <span>

using namespace headwater;

namespace {

constexpr const char* kPath = "/models/x/model.safetensors";

Result<SafetensorsFile> read(const std::string& bytes)
{
    test::keepForFuzzing("safetensors", bytes);
    return readSafetensors(std::as_bytes(std::span(bytes)), kPath);
}

/// One tensor "w" of eight bytes, its entry as it is given.
std::string withEntry(const std::string& entry)
{
    return folder::safetensors("{\"w\":" + entry + "}", "12345678");
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets)
{
    return "{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

std::string two(const std::string& first, const std::string& second)
{
    return folder::safetensors("{\"a\":" + entry("\"U8\"", "[4]", first)
                                   + ",\"b\":" + entry("\"U8\"", "[4]", second) + "}",
                               "12345678");
}

} // namespace

class TestSafetensorsReader : public QObject {
    Q_OBJECT

private slots:
    void tensors_areReadAsTheyLie()
    {
        using folder::floats;
        folder::Tensor half{"half", {3}, "BF16", "abcdef"};
        const std::string bytes = folder::safetensors(
            {floats("z", {2, 3}, 7), floats("one", {}), half, folder::Tensor{"none", {0, 5}, "I64", ""}});
        const auto file = read(bytes);
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        QCOMPARE(file->tensors.size(), std::size_t{4});
        const SafetensorsTensor& z = file->tensors[0];
        QCOMPARE(z.name, std::string("z"));
        QCOMPARE(z.shape, (std::vector<std::uint64_t>{2, 3}));
        QCOMPARE(z.elements, std::uint64_t{6});
        QVERIFY(z.type->weightType == WeightType::F32);
        float first = 0;
        std::memcpy(&first, z.data.data(), sizeof first);
        QCOMPARE(first, 7.0f);
        QCOMPARE(reinterpret_cast<const char*>(z.data.data()), bytes.data() + file->dataOffset);
        QCOMPARE(bytes.substr(z.infoOffset, 8), std::string("{\"dtype\""));
        QCOMPARE(file->tensors[1].elements, std::uint64_t{1}); // no dimension, one element
        for (const SafetensorsTensor& tensor : file->tensors) {
            if (tensor.name == "half")
                QCOMPARE(std::string(reinterpret_cast<const char*>(tensor.data.data()), 6),
                         std::string("abcdef"));
            if (tensor.name == "none")
                QVERIFY(tensor.data.empty() && !tensor.type->weightType);
        }
    }

    void order_isThatOfTheData()
    {
        const auto file = read(two("[4,8]", "[0,4]"));
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        QCOMPARE(file->tensors[0].name, std::string("b"));
    }

    void everyType_isKnownByItsSize()
    {
        const std::vector<std::pair<const char*, int>> types = {
            {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
            {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
            {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
            {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
            {"I64", 64},        {"U64", 64}};
        for (const auto& [name, bits] : types) {
            const folder::Tensor tensor{"w", {8}, name, std::string(static_cast<std::size_t>(bits), 'x')};
            const auto file = read(folder::safetensors({tensor}));
            QVERIFY2(file, file ? "" : file.error().text().c_str());
            QCOMPARE(static_cast<int>(file->tensors[0].type->bits), bits);
            const std::string_view word(name);
            QCOMPARE(file->tensors[0].type->weightType.has_value(),
                     word == "F32" || word == "F16" || word == "BF16");
        }
    }

    void legal_butOdd()
    {
        QVERIFY(read(folder::safetensors("{}", "")).has_value());
        QVERIFY(read(folder::safetensors("{\"__metadata__\":{\"format\":\"pt\"}}", "")).has_value());
        const auto escaped = read(folder::safetensors(
            "{\"\\u00e4\\ud83d\\ude00\":" + entry("\"U8\"", "[8]", "[0,8]") + "}", "12345678"));
        QVERIFY(escaped.has_value());
        QCOMPARE(escaped->tensors[0].name, std::string("ä😀"));
    }

    void ninetyMegabytesOfBlanks_areNoTensors()
    {
        std::string header = "{}";
        header.append(90'000'000, ' ');
        const std::string bytes = folder::safetensors(header, "");
        const auto file = read(bytes);
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        QVERIFY(file->tensors.empty());
    }

    void lies_areOneError_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<std::string>("field");
        QTest::addColumn<std::string>("said");
        const auto row = [](const char* name, std::string bytes, const char* field, const char* said) {
            QTest::newRow(name) << std::move(bytes) << std::string(field) << std::string(said);
        };
        const std::string good = withEntry(entry("\"F32\"", "[2]", "[0,8]"));
        QVERIFY(read(good).has_value());
        const auto length = [&good](std::uint64_t n) { return folder::littleEndian(n) + good.substr(8); };
        row("35 empty", "", "header length", "a file of 0 bytes");
        row("35 seven bytes", "1234567", "header length", "a file of 7 bytes");
        row("35 N = 0", length(0), "header length", "0 bytes, expected 2 to 100000000");
        row("35 N = 2^63", length(std::uint64_t{1} << 63), "header length", "9223372036854775808 bytes");
        row("35 N > file", length(5000), "header length", "5000 bytes, expected at most the ");
        row("35 N = 100 000 001", length(100'000'001), "header length", "100000001 bytes, expected 2 to");
        row("36 no object", folder::safetensors("[]", ""), "header", "\"[\", expected \"{\"");
        row("36 blank first", folder::safetensors(" {}", ""), "header", "\" \"");
        row("36 invalid UTF-8", folder::safetensors("{\"\xFF\":1}", ""), "JSON", "ill-formed UTF-8");
        row("36 unclosed string", folder::safetensors("{\"abc", ""), "JSON", "missing closing quote");
        row("36 deep arrays", folder::safetensors("{\"w\":" + std::string(100'000, '[') + "}", ""), "JSON",
            "a list 9 deep, expected at most 8");
        std::string zeros;
        for (int i = 0; i < 2'000'000; ++i)
            zeros += "0,";
        row("36 more values than tensors need", folder::safetensors("{\"w\":[" + zeros + "0]}", ""), "JSON",
            "one more value, expected at most 1572864");
        row("36 text after it", folder::safetensors("{}x", ""), "JSON", "\"x\", expected JSON (");
        row("37 a tensor again", folder::safetensors("{\"w\":1,\"v\":2,\"w\":3}", ""), "JSON",
            "\"w\" again (first at byte 9)");
        row("37 a key again", withEntry(R"({"dtype":"F32","shape":[2],"dtype":"F32","data_offsets":[0,8]})"),
            "JSON", "\"dtype\" again");
        row("37 another key", withEntry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]})"),
            "w", "\"strides\", expected dtype, shape and data_offsets");
        row("38 reversed", withEntry(entry("\"F32\"", "[2]", "[8,0]")), "w",
            "bytes 8 to 0, expected 8 bytes");
        row("38 negative", withEntry(entry("\"F32\"", "[2]", "[-8,0]")), "w", "no two integers");
        row("38 floating", withEntry(entry("\"F32\"", "[2]", "[0.0,8.0]")), "w", "no two integers");
        row("38 one", withEntry(entry("\"F32\"", "[2]", "[8]")), "w", "no two integers");
        row("38 three", withEntry(entry("\"F32\"", "[2]", "[0,8,8]")), "w", "no two integers");
        row("38 none", withEntry(R"({"dtype":"F32","shape":[2]})"), "w", "no data_offsets");
        row("39 hole", two("[0,4]", "[5,9]"), "b", "a hole at 5, expected 4");
        row("39 hole at the start", withEntry(entry("\"U8\"", "[4]", "[4,8]")), "w", "a hole at 4");
        row("39 overlap", two("[0,4]", "[3,7]"), "b", "an overlap at 3, expected 4");
        row("39 twice the same", two("[0,4]", "[0,4]"), "b", "an overlap at 0");
        row("39 rest", good + "x", "data", "1 more bytes");
        row("39 cut", good.substr(0, good.size() - 1), "w",
            "end of file after 7 of its bytes, expected 8 bytes");
        row("40 product wraps", withEntry(entry("\"U8\"", "[4294967296,4294967296,16]", "[0,8]")), "w",
            "below 2^64");
        row("40 bits wrap", withEntry(entry("\"F64\"", "[2305843009213693952]", "[0,0]")), "w",
            "fewer than 2^61");
        row("40 half a byte", withEntry(entry("\"F4\"", "[3]", "[0,2]")), "w", "whole bytes");
        row("40 size", withEntry(entry("\"F32\"", "[3]", "[0,8]")), "w",
            "bytes 0 to 8, expected 12 bytes, F32 [3]");
        row("40 F13", withEntry(entry("\"F13\"", "[2]", "[0,8]")), "w", "dtype \"F13\"");
        row("40 dtype 3", withEntry(entry("3", "[2]", "[0,8]")), "w", "dtype 3");
        row("40 no dtype", withEntry(R"({"shape":[2],"data_offsets":[0,8]})"), "w", "no dtype");
        row("40 shape", withEntry(entry("\"F32\"", "[-2]", "[0,8]")), "w", "a dimension -2");
        row("40 shape is a word", withEntry(entry("\"F32\"", "\"2\"", "[0,8]")), "w", "shape \"2\"");
        row("40 no entry", withEntry("7"), "w", "no dtype");
        row("metadata of numbers", folder::safetensors(R"({"__metadata__":{"n":1}})", ""), "__metadata__",
            "1, expected a string");
        row("metadata is a list", folder::safetensors(R"({"__metadata__":[]})", ""), "__metadata__",
            "an array");
        row("control bytes in a name", folder::safetensors("{\"\\u001b[31m\":7}", ""), "\\x1B[31m",
            "no dtype");
    }

    void lies_areOneError()
    {
        QFETCH(const std::string, bytes);
        QFETCH(const std::string, field);
        QFETCH(const std::string, said);
        const auto file = read(bytes);
        QVERIFY(!file.has_value());
        QCOMPARE(exitCodeOf(file.error().code), 65);
        QVERIFY2(file.error().context.starts_with(std::string(kPath) + ": at byte "),
                 file.error().text().c_str());
        QVERIFY2(file.error().context.ends_with(": " + field), file.error().text().c_str());
        QVERIFY2(file.error().message.find(said) != std::string::npos, file.error().text().c_str());
    }

    /// Every cut of a file is an error, and no flipped bit is worse than one.
    void cutsAndFlips_areErrorsOrTensors()
    {
        const std::string good = folder::safetensors({folder::floats("a", {2, 3}), folder::floats("b", {2})});
        for (std::size_t size = 0; size < good.size(); ++size)
            QVERIFY(!read(good.substr(0, size)).has_value());
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            std::string flipped = good;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
            const auto file = read(flipped);
            if (!file) {
                QCOMPARE(exitCodeOf(file.error().code), 65);
                continue;
            }
            std::size_t bytes = 0;
            for (const SafetensorsTensor& tensor : file->tensors)
                bytes += tensor.data.size();
            QCOMPARE(bytes, std::size_t{32});
        }
    }

    void json_isRefusedAtItsByte_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<int>("byte");
        QTest::newRow("nothing") << std::string() << 0;
        QTest::newRow("comma at the end") << std::string("[1,]") << 3;
        QTest::newRow("no comma") << std::string("[1 2]") << 3;
        QTest::newRow("a comma first") << std::string("[ ,1]") << 2;
        QTest::newRow("a comma behind") << std::string("{\"a\":[1, 2],\"b\":\"x,\"},") << 21;
        QTest::newRow("no colon") << std::string("{\"a\" 1}") << 5;
        QTest::newRow("a bare name") << std::string("{a:1}") << 1;
        QTest::newRow("NaN") << std::string("[NaN]") << 1;
        QTest::newRow("a leading zero") << std::string("[01]") << 2;
        QTest::newRow("no digit after the point") << std::string("[1.]") << 1;
        QTest::newRow("1e400") << std::string("[1e400]") << 1;
        QTest::newRow("a lone surrogate") << std::string("\"\\ud800x\"") << 0;
        QTest::newRow("a low surrogate") << std::string("\"\\udc00\"") << 0;
        QTest::newRow("an unknown escape") << std::string("\"\\x\"") << 0;
        QTest::newRow("a line in a string") << std::string("\"\n\"") << 0;
        QTest::newRow("a mark of byte order") << std::string("\xEF\xBB\xBF{}") << 0;
        QTest::newRow("a word cut short") << std::string("tru") << 0;
    }

    void json_isRefusedAtItsByte()
    {
        QFETCH(const std::string, text);
        QFETCH(const int, byte);
        const auto value = readJson(text, "x.json", 100);
        QVERIFY(!value.has_value());
        QCOMPARE(value.error().context, "x.json: at byte " + std::to_string(100 + byte) + ": JSON");
    }
};

QTEST_APPLESS_MAIN(TestSafetensorsReader)
#include "tst_safetensors_reader.moc"
