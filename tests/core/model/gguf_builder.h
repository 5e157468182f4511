// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Writes GGUF files for tests, right ones and, on demand, wrong ones: every count, length and offset can be
/// replaced. Independent of the reader: it shares no constant with it.
namespace gguf {

enum Type : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

template <class T> std::string raw(T value)
{
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

inline std::string text(const std::string& value)
{
    return raw(std::uint64_t{value.size()}) + value;
}

struct Entry {
    std::string key;
    std::uint32_t type = U32;
    std::string value;
};

inline Entry u32(const std::string& key, std::uint32_t value)
{
    return {key, U32, raw(value)};
}
inline Entry f32(const std::string& key, float value)
{
    return {key, F32, raw(value)};
}
inline Entry boolean(const std::string& key, bool value)
{
    return {key, Bool, raw(static_cast<std::uint8_t>(value))};
}
inline Entry string(const std::string& key, const std::string& value)
{
    return {key, String, text(value)};
}
inline Entry strings(const std::string& key, const std::vector<std::string>& values)
{
    std::string bytes = raw(std::uint32_t{String}) + raw(std::uint64_t{values.size()});
    for (const std::string& value : values)
        bytes += text(value);
    return {key, Array, bytes};
}
template <class T>
Entry array(const std::string& key, std::uint32_t elementType, const std::vector<T>& values)
{
    std::string bytes = raw(elementType) + raw(std::uint64_t{values.size()});
    for (const T value : values)
        bytes += raw(value);
    return {key, Array, bytes};
}

struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dims;
    std::uint32_t type = 0; // F32
    std::string data;
    std::optional<std::uint64_t> declaredRank = std::nullopt; // replaces the number of dims
    std::optional<std::uint64_t> declaredOffset = std::nullopt; // replaces the offset
    std::optional<std::uint64_t> declaredNameLength = std::nullopt;
};

struct File {
    std::string magic = "GGUF";
    std::uint32_t version = 3;
    std::optional<std::uint64_t> tensorCount = std::nullopt; // replaces the real number
    std::optional<std::uint64_t> entryCount = std::nullopt;
    std::uint64_t alignment = 32;
    std::vector<Entry> entries;
    std::vector<Tensor> tensors;
    std::string trailing;

    Entry& entry(const std::string& key)
    {
        for (Entry& candidate : entries) {
            if (candidate.key == key)
                return candidate;
        }
        entries.push_back({key, U32, ""});
        return entries.back();
    }
    void set(const Entry& replacement)
    {
        Entry& place = entry(replacement.key);
        place = replacement;
    }
    void remove(const std::string& key)
    {
        std::erase_if(entries, [&key](const Entry& e) { return e.key == key; });
    }
    Tensor& tensor(const std::string& name)
    {
        for (Tensor& candidate : tensors) {
            if (candidate.name == name)
                return candidate;
        }
        tensors.push_back({name, {}, 0, ""});
        return tensors.back();
    }

    std::string padding(std::size_t size) const
    {
        return std::string((alignment - size % alignment) % alignment, '\0');
    }

    /// Everything before the data.
    std::string header() const
    {
        std::string bytes = magic + raw(version) + raw(tensorCount.value_or(tensors.size()))
            + raw(entryCount.value_or(entries.size()));
        for (const Entry& e : entries)
            bytes += text(e.key) + raw(e.type) + e.value;
        std::uint64_t offset = 0;
        for (const Tensor& t : tensors) {
            bytes += raw(t.declaredNameLength.value_or(t.name.size())) + t.name;
            bytes += raw(static_cast<std::uint32_t>(t.declaredRank.value_or(t.dims.size())));
            for (const std::uint64_t extent : t.dims)
                bytes += raw(extent);
            bytes += raw(t.type) + raw(t.declaredOffset.value_or(offset));
            offset += t.data.size() + padding(t.data.size()).size();
        }
        return bytes + padding(bytes.size());
    }

    std::string bytes() const
    {
        std::string all = header();
        for (const Tensor& t : tensors)
            all += t.data + padding(t.data.size());
        return all + trailing;
    }
};

inline void write(const std::string& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A tensor of float32 values: value i is i / 64, so that each is exact and known.
inline Tensor floats(const std::string& name, const std::vector<std::uint64_t>& dims)
{
    std::uint64_t count = 1;
    for (const std::uint64_t extent : dims)
        count *= extent;
    std::string data;
    for (std::uint64_t i = 0; i < count; ++i)
        data += raw(static_cast<float>(i) / 64.0f);
    return {name, dims, 0, data};
}

/// A right llama-type file: 2 layers, hidden 16, 4 heads of 4 with 2 K/V heads, feed-forward 24, 7 tokens.
inline File smallLlama()
{
    File file;
    file.entries = {
        string("general.architecture", "llama"),
        string("general.name", "small"),
        string("general.license", "cc0-1.0"),
        u32("llama.block_count", 2),
        u32("llama.context_length", 128),
        u32("llama.embedding_length", 16),
        u32("llama.feed_forward_length", 24),
        u32("llama.attention.head_count", 4),
        u32("llama.attention.head_count_kv", 2),
        f32("llama.attention.layer_norm_rms_epsilon", 1e-5f),
        f32("llama.rope.freq_base", 10000.0f),
        string("tokenizer.ggml.model", "gpt2"),
        string("tokenizer.ggml.pre", "smollm"),
        strings("tokenizer.ggml.tokens", {"<|end|>", "a", "b", "c", "ab", "abc", "!"}),
        array<std::int32_t>("tokenizer.ggml.token_type", I32, {3, 1, 1, 1, 1, 1, 1}),
        strings("tokenizer.ggml.merges", {"a b", "ab c"}),
        u32("tokenizer.ggml.bos_token_id", 0),
        u32("tokenizer.ggml.eos_token_id", 0),
    };
    file.tensors.push_back(floats("token_embd.weight", {16, 7}));
    for (int layer = 0; layer < 2; ++layer) {
        const std::string block = "blk." + std::to_string(layer) + ".";
        file.tensors.push_back(floats(block + "attn_norm.weight", {16}));
        file.tensors.push_back(floats(block + "attn_q.weight", {16, 16}));
        file.tensors.push_back(floats(block + "attn_k.weight", {16, 8}));
        file.tensors.push_back(floats(block + "attn_v.weight", {16, 8}));
        file.tensors.push_back(floats(block + "attn_output.weight", {16, 16}));
        file.tensors.push_back(floats(block + "ffn_norm.weight", {16}));
        file.tensors.push_back(floats(block + "ffn_gate.weight", {16, 24}));
        file.tensors.push_back(floats(block + "ffn_up.weight", {16, 24}));
        file.tensors.push_back(floats(block + "ffn_down.weight", {24, 16}));
    }
    file.tensors.push_back(floats("output_norm.weight", {16}));
    return file;
}

} // namespace gguf
