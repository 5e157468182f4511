// SPDX-License-Identifier: Apache-2.0
// Files that lie, row by row after the list of malformed inputs (see docs/models.md): each must end in one
// error that names file, byte and field, exit code 65.
#include "core/base/memory.h"
#include "core/model/model_loader.h"
#include "support/fuzz_corpus.h"
#include "support/sanitized.h"
#include "tests/core/model/gguf_builder.h"

#include <QRegularExpression>
#include <QTest>
#include <fmt/format.h>
#include <limits>
#include <sys/mman.h>
#include <unistd.h>

using namespace headwater;

namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

struct Row {
    std::string name;
    std::string field; ///< must stand between the byte and the complaint
    std::string found; ///< a part of the complaint
    std::string bytes;
};

Row row(const char* name, const char* field, const char* found,
        const std::function<void(gguf::File&)>& change)
{
    gguf::File file = gguf::smallLlama();
    change(file);
    return {name, field, found, file.bytes()};
}

std::string cut(std::string bytes, std::size_t size)
{
    bytes.resize(size);
    return bytes;
}

std::vector<Row> preambleRows()
{
    const std::string good = gguf::smallLlama().bytes();
    return {
        {"1 empty", "magic", "end of file after 0 bytes", ""},
        {"2 three bytes", "magic", "end of file after 3 bytes", "GGU"},
        row("3 wrong magic", "magic", "\"FUGG\"", [](auto& f) { f.magic = "FUGG"; }),
        row("4 version 0", "version", "0", [](auto& f) { f.version = 0; }),
        row("4 version 1", "version", "1", [](auto& f) { f.version = 1; }),
        row("4 version 4", "version", "4", [](auto& f) { f.version = 4; }),
        row("4 big endian", "version", "big-endian", [](auto& f) { f.version = 0x03000000; }),
        {"4 cut in version", "version", "end of file", cut(good, 6)},
        row("5 tensor count 2^64-1", "tensor_count", "18446744073709551615",
            [](auto& f) { f.tensorCount = kHuge; }),
        row("5 tensor count above the file", "tensor_count", "60000",
            [](auto& f) { f.tensorCount = 60'000; }),
        row("6 kv count 2^63", "kv_count", "9223372036854775808",
            [](auto& f) { f.entryCount = std::uint64_t{1} << 63; }),
        {"7 one entry more than there is", "kv[1]", "end of file",
         [] {
             gguf::File f;
             f.entries = {gguf::u32("a", 1)};
             f.entryCount = 2;
             return cut(f.header(), 4 + 4 + 8 + 8 + 8 + 1 + 4 + 4);
         }()},
    };
}

std::vector<Row> entryRows()
{
    const auto first = [](const std::string& rest) {
        gguf::File f;
        f.entryCount = 1;
        return cut(f.header(), 24) + rest;
    };
    std::string nested;
    for (int depth = 0; depth < 10'000; ++depth)
        nested += gguf::raw(std::uint32_t{gguf::Array}) + gguf::raw(std::uint64_t{1});
    return {
        {"8 key length 2^63", "kv[0].key length", "9223372036854775808",
         first(gguf::raw(std::uint64_t{1} << 63) + "key")},
        {"8 key longer than the file", "kv[0].key length", "40",
         first(gguf::raw(std::uint64_t{40}) + "short key")},
        row("9 empty key", "kv[0].key length", "0", [](auto& f) { f.entries[0].key = ""; }),
        row("10 key with NUL", "kv[0].key", "\\x00",
            [](auto& f) { f.entries[0].key = std::string("a\0b", 3); }),
        row("10 key beyond ASCII", "kv[0].key", "printable ASCII",
            [](auto& f) { f.entries[0].key = "caf\xC3\xA9"; }),
        row("11 duplicate key", "kv[1].key", "(first at byte 24)",
            [](auto& f) { f.entries[1].key = f.entries[0].key; }),
        row("12 value type 13", "general.name", "value type 13", [](auto& f) { f.entries[1].type = 13; }),
        row("12 value type -1", "general.name", "value type -1",
            [](auto& f) { f.entries[1].type = 0xFFFFFFFF; }),
        {"13 string one longer than the file", "key", "end of file inside key",
         first(gguf::text("key") + gguf::raw(std::uint32_t{gguf::String}) + gguf::raw(std::uint64_t{6})
               + "value")},
        {"13 scalar cut off", "key", "end of file after 2 bytes",
         first(gguf::text("key") + gguf::raw(std::uint32_t{gguf::U32}) + "ab")},
        row("13 bool 2", "general.name", "bool 2",
            [](auto& f) {
                f.entries[1] = {"general.name", gguf::Bool, "\2"};
            }),
        row("14 array length 2^63", "general.name", "array length 9223372036854775808",
            [](auto& f) {
                f.entries[1] = {"general.name", gguf::Array,
                                gguf::raw(std::uint32_t{gguf::U8}) + gguf::raw(std::uint64_t{1} << 63)};
            }),
        row("14 array above the file", "general.name", "array length 1000000",
            [](auto& f) {
                f.entries[1] = {"general.name", gguf::Array,
                                gguf::raw(std::uint32_t{gguf::U64}) + gguf::raw(std::uint64_t{1'000'000})};
            }),
        {"15 arrays of arrays", "key", "an array of arrays",
         first(gguf::text("key") + gguf::raw(std::uint32_t{gguf::Array}) + nested)},
        row("16 2^30 empty strings", "general.name", "array length 1073741824",
            [](auto& f) {
                f.entries[1] = {"general.name", gguf::Array,
                                gguf::raw(std::uint32_t{gguf::String}) + gguf::raw(std::uint64_t{1} << 30)};
            }),
        row("17 alignment 0", "general.alignment", "0",
            [](auto& f) { f.set(gguf::u32("general.alignment", 0)); }),
        row("17 alignment 3", "general.alignment", "3",
            [](auto& f) { f.set(gguf::u32("general.alignment", 3)); }),
        row("17 alignment 13", "general.alignment", "13",
            [](auto& f) { f.set(gguf::u32("general.alignment", 13)); }),
        row("17 alignment 2^31", "general.alignment", "2147483648",
            [](auto& f) { f.set(gguf::u32("general.alignment", 1u << 31)); }),
        row("17 alignment as int32", "general.alignment", "int32",
            [](auto& f) {
                f.set({"general.alignment", gguf::I32, gguf::raw(std::int32_t{32})});
            }),
        row("18 no architecture", "general.architecture", "missing",
            [](auto& f) { f.remove("general.architecture"); }),
        row("18 architecture as number", "general.architecture", "uint32",
            [](auto& f) { f.set(gguf::u32("general.architecture", 1)); }),
        row("18 unknown architecture", "general.architecture", "(llama, ",
            [](auto& f) { f.set(gguf::string("general.architecture", "gpt-neox")); }),
        row("18 one part of a split file", "split.no", "part 2 of 3 in a file of this name",
            [](auto& f) {
                f.set({"split.no", gguf::U16, gguf::raw(std::uint16_t{1})});
                f.set({"split.count", gguf::U16, gguf::raw(std::uint16_t{3})});
                f.set({"split.tensors.count", gguf::I32, gguf::raw(std::int32_t{60})});
            }),
        row("18 more parts than a name can count", "split.count", "100000",
            [](auto& f) { f.set(gguf::u32("split.count", 100'000)); }),
    };
}

/// A single wrong tensor behind the right metadata.
Row tensorRow(const char* name, const char* field, const char* found, gguf::Tensor tensor)
{
    gguf::File file = gguf::smallLlama();
    file.tensors = {std::move(tensor)};
    return {name, field, found, file.bytes()};
}

std::vector<Row> tensorRows()
{
    const auto plain = [](std::vector<std::uint64_t> dims, std::uint32_t type = 0) {
        gguf::Tensor tensor = gguf::floats("w", {1});
        tensor.dims = std::move(dims);
        tensor.type = type;
        return tensor;
    };
    gguf::Tensor longName = plain({4});
    longName.declaredNameLength = std::uint64_t{1} << 32;
    gguf::Tensor name65 = plain({4});
    name65.name = std::string(65, 'n');
    gguf::Tensor rank5 = plain({1, 1, 1, 1, 1});
    gguf::Tensor rank0 = plain({});
    gguf::Tensor rankHuge = plain({1});
    rankHuge.declaredRank = 0xFFFFFFFF;
    return {
        tensorRow("19 name length 2^32", "tensor[0].name length", "4294967296", longName),
        tensorRow("19 name of 65 bytes", "tensor[0].name length", "65", name65),
        row("19 duplicate name", "tensor[1].name", "first at byte",
            [](auto& f) { f.tensors[1].name = f.tensors[0].name; }),
        row("19 empty name", "tensor[0].name", "empty", [](auto& f) { f.tensors[0].name = ""; }),
        tensorRow("20 no dimension", "tensor[0].n_dims", "0", rank0),
        tensorRow("20 five dimensions", "tensor[0].n_dims", "5", rank5),
        tensorRow("20 2^32-1 dimensions", "tensor[0].n_dims", "4294967295", rankHuge),
        tensorRow("21 dimension 0", "tensor[0].dims", "0", plain({4, 0})),
        tensorRow("22 dimension 2^63", "tensor[0].dims", "9223372036854775808",
                  plain({std::uint64_t{1} << 63})),
        tensorRow("23 dimension 2^42+1", "tensor[0].dims", "4398046511105",
                  plain({(std::uint64_t{1} << 42) + 1, 1 << 22})),
        tensorRow("23 product wraps", "tensor[0].dims", "product below",
                  plain({std::uint64_t{1} << 32, std::uint64_t{1} << 31, 2, 2})),
        tensorRow("24 bytes wrap", "tensor[0].size", "I64",
                  plain({std::uint64_t{1} << 32, std::uint64_t{1} << 29}, 27)),
        tensorRow("26 rounding wraps", "tensor[0].size", "F32",
                  plain({std::uint64_t{1} << 32, (std::uint64_t{1} << 30) - 1})),
        row("25 sum wraps", "tensor[1].offset", "where the tensor before ends",
            [](auto& f) {
                // Two of 2^47 bytes each: the second may not begin where a wrapped sum would put it.
                f.tensors[0].dims = {std::uint64_t{1} << 31, std::uint64_t{1} << 14};
                f.tensors[1].dims = {std::uint64_t{1} << 31, std::uint64_t{1} << 14};
            }),
        row("25 sum above 2^48", "tensor[1].size", "below 2^48",
            [](auto& f) {
                f.tensors[0].dims = {std::uint64_t{1} << 31, std::uint64_t{1} << 14};
                f.tensors[1].dims = {std::uint64_t{1} << 31, std::uint64_t{1} << 15};
                f.tensors[1].declaredOffset = std::uint64_t{1} << 47;
            }),
        tensorRow("27 type 255", "tensor[0].type", "255", plain({4}, 255)),
        tensorRow("27 type -1", "tensor[0].type", "-1", plain({4}, 0xFFFFFFFF)),
        tensorRow("27 removed Q4_2", "tensor[0].type", "Q4_2", plain({32}, 4)),
        tensorRow("27 removed Q4_3", "tensor[0].type", "Q4_3", plain({32}, 5)),
        tensorRow("28 Q4_K of 100", "tensor[0].dims", "multiple of 256", plain({100}, 12)),
        tensorRow("28 Q4_1 of 33", "tensor[0].dims", "multiple of 32", plain({33}, 3)),
        row("29 offset unaligned", "tensor[1].offset", "449",
            [](auto& f) { f.tensors[1].declaredOffset = 449; }),
        row("30 offset overlaps", "tensor[1].offset", "0", [](auto& f) { f.tensors[1].declaredOffset = 0; }),
        row("30 offset leaves a gap", "tensor[1].offset", "480",
            [](auto& f) { f.tensors[1].declaredOffset = 480; }),
        row("27 a norm of integers", "blk.0.attn_norm.weight", "I16",
            [](auto& f) {
                f.tensor("blk.0.attn_norm.weight").type = 25;
                f.tensor("blk.0.attn_norm.weight").data = std::string(32, 'x');
            }),
    };
}

/// Types that ggml has and nobody here computes with: named with the list of those that are read.
std::vector<Row> refusedTypeRows()
{
    struct Refused {
        std::uint32_t id;
        const char* name;
        std::uint64_t blockElements;
        std::uint64_t blockBytes;
    };
    const Refused refused[] = {
        {9, "Q8_1", 32, 36},      {15, "Q8_K", 256, 292}, {16, "IQ2_XXS", 256, 66}, {17, "IQ2_XS", 256, 74},
        {18, "IQ3_XXS", 256, 98}, {19, "IQ1_S", 256, 50}, {21, "IQ3_S", 256, 110},  {22, "IQ2_S", 256, 82},
        {24, "I8", 1, 1},         {25, "I16", 1, 2},      {26, "I32", 1, 4},        {27, "I64", 1, 8},
        {28, "F64", 1, 8},        {29, "IQ1_M", 256, 56}, {34, "TQ1_0", 256, 54},   {35, "TQ2_0", 256, 66},
        {40, "NVFP4", 64, 36},    {41, "Q1_0", 128, 18},  {42, "Q2_0", 64, 18},
    };
    std::vector<Row> rows;
    for (const Refused& type : refused) {
        gguf::File file = gguf::smallLlama();
        file.set(gguf::u32("llama.embedding_length", 256));
        file.tensors.clear();
        file.tensors.push_back(gguf::floats("token_embd.weight", {256, 7}));
        file.tensors.push_back(gguf::floats("blk.0.attn_norm.weight", {256}));
        const std::uint64_t bytes = 256 * 256 / type.blockElements * type.blockBytes;
        file.tensors.push_back({"blk.0.attn_q.weight", {256, 256}, type.id, std::string(bytes, 'x')});
        rows.push_back(
            {std::string("27 computes not with ") + type.name, "blk.0.attn_q.weight",
             fmt::format("type {}, expected a type this version reads (F32, F16, BF16, Q8_0, Q4_0, Q4_1, "
                         "Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4)",
                         type.name),
             file.bytes()});
    }
    return rows;
}

std::vector<Row> truncatedRows()
{
    const gguf::File file = gguf::smallLlama();
    const std::string good = file.bytes();
    std::vector<Row> rows = {
        {"31 last byte missing", "output_norm.weight", "end of file after 63", cut(good, good.size() - 1)},
        {"31 the header alone", "token_embd.weight",
         fmt::format("the file lacks its last {} bytes", good.size() - file.header().size()), file.header()}};
    std::size_t boundary = file.header().size();
    for (const gguf::Tensor& tensor : file.tensors) {
        rows.push_back(
            {"31 cut before " + tensor.name, tensor.name, "end of file after 0", cut(good, boundary)});
        boundary += tensor.data.size() + file.padding(tensor.data.size()).size();
    }
    return rows;
}

std::vector<Row> tokenizerRows()
{
    const std::vector<std::string> tokens = {"<|end|>", "a", "b", "c", "ab", "abc", "!"};
    const auto withTokens = [](std::vector<std::string> list, std::vector<std::int32_t> types) {
        return [list, types](gguf::File& f) {
            f.set(gguf::strings("tokenizer.ggml.tokens", list));
            f.set(gguf::array<std::int32_t>("tokenizer.ggml.token_type", gguf::I32, types));
        };
    };
    return {
        row("33 fewer tokens than rows", "tokenizer.ggml.tokens", "6 tokens",
            withTokens({"<|end|>", "a", "b", "c", "ab", "abc"}, {3, 1, 1, 1, 1, 1})),
        row("33 no tokens", "tokenizer.ggml.tokens", "missing",
            [](auto& f) { f.remove("tokenizer.ggml.tokens"); }),
        row("33 tokens as numbers", "tokenizer.ggml.tokens", "an array of int32",
            [](auto& f) {
                f.set(gguf::array<std::int32_t>("tokenizer.ggml.tokens", gguf::I32, {1, 2}));
            }),
        row("33 a token twice", "tokenizer.ggml.tokens", "\"a\" as token 1 and 3",
            withTokens({"<|end|>", "a", "b", "a", "ab", "abc", "!"}, {3, 1, 1, 1, 1, 1, 1})),
        row("33 scores as uint8", "tokenizer.ggml.scores", "an array of uint8",
            [](auto& f) {
                f.set(gguf::array<std::uint8_t>("tokenizer.ggml.scores", gguf::U8, {0, 0, 0, 0, 0, 0, 0}));
            }),
        row("33 too few scores", "tokenizer.ggml.scores", "2 scores",
            [](auto& f) {
                f.set(gguf::array<float>("tokenizer.ggml.scores", gguf::F32, {0, 0}));
            }),
        row("33 no token types", "tokenizer.ggml.token_type", "missing",
            [](auto& f) { f.remove("tokenizer.ggml.token_type"); }),
        row("33 token types of another length", "tokenizer.ggml.token_type", "3 types",
            [](auto& f) {
                f.set(gguf::array<std::int32_t>("tokenizer.ggml.token_type", gguf::I32, {1, 1, 1}));
            }),
        row("33 merge of an unknown token", "tokenizer.ggml.merges", "merge 1: \"ab z\"",
            [](auto& f) {
                f.set(gguf::strings("tokenizer.ggml.merges", {"a b", "ab z"}));
            }),
        row("33 merge into an unknown token", "tokenizer.ggml.merges", "merge 0: \"b c\"",
            [](auto& f) { f.set(gguf::strings("tokenizer.ggml.merges", {"b c"})); }),
        row("33 merge without a space", "tokenizer.ggml.merges", "merge 0: \"ab\"",
            [](auto& f) { f.set(gguf::strings("tokenizer.ggml.merges", {"ab"})); }),
        row("33 no merges", "tokenizer.ggml.merges", "missing",
            [](auto& f) { f.remove("tokenizer.ggml.merges"); }),
        row("33 zero merges", "tokenizer.ggml.merges", "0 merges",
            [](auto& f) { f.set(gguf::strings("tokenizer.ggml.merges", {})); }),
        row("33 byte token <0x-1>", "tokenizer.ggml.tokens", "<0x-1>",
            withTokens({"<|end|>", "a", "b", "c", "ab", "abc", "<0x-1>"}, {3, 1, 1, 1, 1, 1, 6})),
        row("33 byte token <0xZZ>", "tokenizer.ggml.tokens", "<0xZZ>",
            withTokens({"<|end|>", "a", "b", "c", "ab", "abc", "<0xZZ>"}, {3, 1, 1, 1, 1, 1, 6})),
        row("33 bos beyond the vocabulary", "tokenizer.ggml.bos_token_id", "7",
            [](auto& f) { f.set(gguf::u32("tokenizer.ggml.bos_token_id", 7)); }),
        row("33 negative eos", "tokenizer.ggml.eos_token_id", "-1",
            [](auto& f) {
                f.set({"tokenizer.ggml.eos_token_id", gguf::I32, gguf::raw(std::int32_t{-1})});
            }),
        row("33 bos to add without id", "tokenizer.ggml.bos_token_id", "missing",
            [](auto& f) {
                f.remove("tokenizer.ggml.bos_token_id");
                f.set(gguf::boolean("tokenizer.ggml.add_bos_token", true));
            }),
    };
}

std::vector<Row> architectureRows()
{
    const auto set = [](const gguf::Entry& entry) { return [entry](gguf::File& f) { f.set(entry); }; };
    const auto remove = [](const char* key) { return [key](gguf::File& f) { f.remove(key); }; };
    return {
        row("34 2^31 layers", "llama.block_count", "2147483648",
            set(gguf::u32("llama.block_count", 1u << 31))),
        row("34 one layer too many", "blk.2.attn_norm.weight", "no such tensor",
            set(gguf::u32("llama.block_count", 3))),
        row("34 one layer too few", "blk.1.attn_norm.weight", "without a place",
            set(gguf::u32("llama.block_count", 1))),
        row("34 no layers", "llama.block_count", "0", set(gguf::u32("llama.block_count", 0))),
        row("34 no head", "llama.attention.head_count", "0", set(gguf::u32("llama.attention.head_count", 0))),
        row("34 heads that do not divide", "llama.attention.head_count", "5 heads",
            set(gguf::u32("llama.attention.head_count", 5))),
        row("34 K/V heads that do not divide", "llama.attention.head_count_kv", "3 for 4",
            set(gguf::u32("llama.attention.head_count_kv", 3))),
        row("34 K/V heads of another number of layers", "llama.attention.head_count_kv", "an array of 3",
            set(gguf::array<std::uint32_t>("llama.attention.head_count_kv", gguf::U32, {2, 2, 2}))),
        row("34 window 0", "llama.attention.sliding_window", "0",
            set(gguf::u32("llama.attention.sliding_window", 0))),
        row("34 rope base NaN", "llama.rope.freq_base", "nan",
            set(gguf::f32("llama.rope.freq_base", std::numeric_limits<float>::quiet_NaN()))),
        row("34 rope base as integer", "llama.rope.freq_base", "uint32",
            set(gguf::u32("llama.rope.freq_base", 10000))),
        row("34 odd rope dimensions", "llama.rope.dimension_count", "3 of 4",
            set(gguf::u32("llama.rope.dimension_count", 3))),
        row("34 rope dimensions beyond the head", "llama.rope.dimension_count", "8",
            set(gguf::u32("llama.rope.dimension_count", 8))),
        row("34 a scaling that is not computed", "llama.rope.scaling.type", "longrope",
            set(gguf::string("llama.rope.scaling.type", "longrope"))),
        row("34 no hidden size", "llama.embedding_length", "missing", remove("llama.embedding_length")),
        row("34 hidden size 2^31", "llama.embedding_length", "2147483648",
            set(gguf::u32("llama.embedding_length", 1u << 31))),
        row("34 another hidden size", "token_embd.weight", "dimensions [16, 7]",
            set(gguf::u32("llama.embedding_length", 32))),
        row("34 no feed-forward size", "llama.feed_forward_length", "missing",
            remove("llama.feed_forward_length")),
        row("34 no epsilon", "llama.attention.layer_norm_rms_epsilon", "missing",
            remove("llama.attention.layer_norm_rms_epsilon")),
        row("34 no context", "llama.context_length", "missing", remove("llama.context_length")),
        row("34 values of another length", "llama.attention.value_length", "8",
            set(gguf::u32("llama.attention.value_length", 8))),
        row("34 experts", "llama.expert_count", "8", set(gguf::u32("llama.expert_count", 8))),
        row("34 another vocabulary", "tokenizer.ggml.tokens", "llama.vocab_size",
            set(gguf::u32("llama.vocab_size", 8))),
        row("34 an unknown tensor", "blk.0.attn_sinks.weight", "without a place",
            [](auto& f) { f.tensors.push_back(gguf::floats("blk.0.attn_sinks.weight", {4})); }),
    };
}

std::vector<Row> allRows()
{
    std::vector<Row> rows;
    for (const auto& part : {preambleRows(), entryRows(), tensorRows(), refusedTypeRows(), truncatedRows(),
                             tokenizerRows(), architectureRows()})
        rows.insert(rows.end(), part.begin(), part.end());
    return rows;
}

} // namespace

class TestGgufMalformed : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        // A file in memory: tens of thousands of versions of it are written below.
        m_memory = memfd_create("model.gguf", MFD_CLOEXEC);
        QVERIFY(m_memory >= 0);
        m_path = "/proc/self/fd/" + std::to_string(m_memory);
        test::keepForFuzzing("gguf", gguf::smallLlama().bytes());
        gguf::write(m_path, gguf::smallLlama().bytes());
        const auto good = loadModel(m_path);
        QVERIFY2(good.has_value(), good ? "" : good.error().text().c_str());
        m_idle = peakResidentMemory();
    }

    void malformedFile_isRefusedByName_data()
    {
        QTest::addColumn<std::string>("field");
        QTest::addColumn<std::string>("found");
        QTest::addColumn<std::string>("bytes");
        for (const Row& r : allRows())
            QTest::newRow(r.name.c_str()) << r.field << r.found << r.bytes;
    }

    void malformedFile_isRefusedByName()
    {
        QFETCH(const std::string, field);
        QFETCH(const std::string, found);
        QFETCH(const std::string, bytes);
        test::keepForFuzzing("gguf", bytes);
        gguf::write(m_path, bytes);
        const auto model = loadModel(m_path);
        QVERIFY(!model.has_value());
        QCOMPARE(exitCodeOf(model.error().code), 65);
        const QString message = QString::fromStdString(model.error().text());
        const QRegularExpression form("^(.+): at byte (\\d+): (.+?): (.+), expected (.+)$");
        const auto parts = form.match(message);
        QVERIFY2(parts.hasMatch(), qPrintable(message));
        QCOMPARE(parts.captured(1).toStdString(), m_path);
        QVERIFY2(parts.captured(2).toULongLong() <= bytes.size(), qPrintable(message));
        QVERIFY2(parts.captured(3).startsWith(QString::fromStdString(field)), qPrintable(message));
        QVERIFY2(message.contains(QString::fromStdString(found)), qPrintable(message));
    }

    void header_cutAtEveryByte_isRefused()
    {
        const gguf::File file = gguf::smallLlama();
        const std::string good = file.bytes();
        const std::size_t header = file.header().size();
        for (std::size_t size = 0; size < header; ++size) {
            gguf::write(m_path, cut(good, size));
            const auto model = loadModel(m_path);
            QVERIFY2(!model.has_value(), std::to_string(size).c_str());
            QCOMPARE(exitCodeOf(model.error().code), 65);
        }
    }

    /// A flipped bit may leave a legal file (a name, a number in range); it must never do anything but load
    /// or be refused.
    void header_everyBitFlipped_loadsOrIsRefused()
    {
        const gguf::File file = gguf::smallLlama();
        const std::string good = file.bytes();
        const std::size_t header = file.header().size();
        std::size_t refused = 0;
        for (std::size_t byte = 0; byte < header; ++byte) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string bad = good;
                bad[byte] = static_cast<char>(bad[byte] ^ (1 << bit));
                gguf::write(m_path, bad);
                const auto model = loadModel(m_path);
                if (!model) {
                    ++refused;
                    QCOMPARE(exitCodeOf(model.error().code), 65);
                }
            }
        }
        QVERIFY(refused > 8 * header / 2);
    }

    void trailingBytes_onlyWarn()
    {
        gguf::File file = gguf::smallLlama();
        file.trailing = std::string(4096, 'j');
        gguf::write(m_path, file.bytes());
        const auto model = loadModel(m_path);
        QVERIFY2(model.has_value(), model ? "" : model.error().text().c_str());
        QCOMPARE((*model)->warnings.size(), std::size_t{1});
        QVERIFY((*model)->warnings[0].find("4096 bytes after the last tensor") != std::string::npos);
    }

    void cleanupTestCase()
    {
        ::close(m_memory);
        if (!test::isSanitized())
            QVERIFY(peakResidentMemory() - m_idle < (std::uint64_t{64} << 20));
    }

private:
    int m_memory = -1;
    std::string m_path;
    std::uint64_t m_idle = 0;
};

QTEST_APPLESS_MAIN(TestGgufMalformed)
#include "tst_gguf_malformed.moc"
