// SPDX-License-Identifier: Apache-2.0
// Writes safetensors files and model folders, also ones that lie.
#pragma once
#include <QDir>
#include <QFile>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace folder {

using Json = nlohmann::ordered_json;

inline std::string littleEndian(std::uint64_t value)
{
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

/// A file of this header (as it stands, padded by nothing) and these data.
inline std::string safetensors(const std::string& header, const std::string& data)
{
    return littleEndian(header.size()) + header + data;
}

struct Tensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::string dtype = "F32";
    std::string data;
};

/// Zeros but for the first element, which is `first`.
inline Tensor floats(const std::string& name, std::vector<std::uint64_t> shape, float first = 1)
{
    std::size_t count = 1;
    for (const std::uint64_t extent : shape)
        count *= extent;
    Tensor tensor{name, std::move(shape), "F32", std::string(count * sizeof first, '\0')};
    std::memcpy(tensor.data.data(), &first, sizeof first);
    return tensor;
}

inline std::string safetensors(const std::vector<Tensor>& tensors, std::size_t padTo = 8)
{
    Json header = Json::object();
    std::string data;
    for (const Tensor& tensor : tensors) {
        header[tensor.name] = {{"dtype", tensor.dtype},
                               {"shape", tensor.shape},
                               {"data_offsets", {data.size(), data.size() + tensor.data.size()}}};
        data += tensor.data;
    }
    std::string text = header.dump();
    text.append((padTo - text.size() % padTo) % padTo, ' ');
    return safetensors(text, data);
}

/// A folder's files by their names.
struct Folder {
    Json config;
    std::vector<Tensor> tensors;
    std::map<std::string, std::string> files; ///< besides config.json, or in its place

    Tensor& tensor(const std::string& name)
    {
        for (Tensor& tensor : tensors)
            if (tensor.name == name)
                return tensor;
        return tensors.emplace_back(Tensor{name, {}, "F32", {}});
    }

    void writeWhole() { files["model.safetensors"] = safetensors(tensors); }

    /// Tensor i goes to shard i mod `count`, as the index says.
    void writeShards(std::size_t count)
    {
        std::vector<std::vector<Tensor>> shards(count);
        Json map = Json::object();
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            shards[i % count].push_back(tensors[i]);
            map[tensors[i].name] = nameOf(i % count);
        }
        for (std::size_t i = 0; i < count; ++i)
            files[nameOf(i)] = safetensors(shards[i]);
        files["model.safetensors.index.json"] =
            Json{{"metadata", Json::object()}, {"weight_map", map}}.dump();
    }

    static std::string nameOf(std::size_t shard) { return "part-" + std::to_string(shard) + ".safetensors"; }

    void write(const QString& path) const
    {
        QDir().mkpath(path);
        auto all = files;
        all.try_emplace("config.json", config.dump());
        for (const auto& [name, bytes] : all) {
            QFile file(path + '/' + QString::fromStdString(name));
            if (!file.open(QIODevice::WriteOnly)
                || file.write(bytes.data(), static_cast<qint64>(bytes.size())) < 0)
                qFatal("cannot write %s", qPrintable(file.fileName()));
        }
    }
};

/// One layer, hidden 4, 2 heads on 1, feed-forward 3, 6 tokens, untied.
inline Folder smallLlama()
{
    Folder small;
    small.config = {{"model_type", "llama"},
                    {"vocab_size", 6},
                    {"hidden_size", 4},
                    {"intermediate_size", 3},
                    {"num_hidden_layers", 1},
                    {"num_attention_heads", 2},
                    {"num_key_value_heads", 1},
                    {"max_position_embeddings", 64},
                    {"tie_word_embeddings", false},
                    {"hidden_act", "silu"}};
    const std::string layer = "model.layers.0.";
    small.tensors = {floats("model.embed_tokens.weight", {6, 4}),
                     floats(layer + "input_layernorm.weight", {4}, 2),
                     floats(layer + "self_attn.q_proj.weight", {4, 4}),
                     floats(layer + "self_attn.k_proj.weight", {2, 4}),
                     floats(layer + "self_attn.v_proj.weight", {2, 4}),
                     floats(layer + "self_attn.o_proj.weight", {4, 4}),
                     floats(layer + "post_attention_layernorm.weight", {4}, 3),
                     floats(layer + "mlp.gate_proj.weight", {3, 4}),
                     floats(layer + "mlp.up_proj.weight", {3, 4}),
                     floats(layer + "mlp.down_proj.weight", {4, 3}),
                     floats("model.norm.weight", {4}, 4),
                     floats("lm_head.weight", {6, 4}, 5)};
    return small;
}

} // namespace folder
