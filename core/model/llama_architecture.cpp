// SPDX-License-Identifier: Apache-2.0
#include "core/model/llama_architecture.h"

#include "core/model/limits.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace headwater {
namespace {

constexpr double kDefaultRopeBase = 10'000.0;
constexpr double kLargestRopeBase = 1e15;

Result<std::uint64_t> readHeadDim(const GgufMetadata& metadata, std::uint64_t hidden, std::uint64_t heads)
{
    HEADWATER_TRY_ASSIGN(const auto keyLength,
                         metadata.findUnsigned("llama.attention.key_length", 1, limits::kHeadDim));
    HEADWATER_TRY_ASSIGN(const auto valueLength,
                         metadata.findUnsigned("llama.attention.value_length", 1, limits::kHeadDim));
    if (!keyLength && (hidden % heads != 0 || hidden / heads > limits::kHeadDim))
        return metadata.fail("llama.attention.head_count",
                             fmt::format("{} heads for {} dimensions", heads, hidden),
                             fmt::format("a divisor with at most {} dimensions a head", limits::kHeadDim));
    const std::uint64_t headDim = keyLength.value_or(hidden / heads);
    if (valueLength.value_or(headDim) != headDim)
        return metadata.fail("llama.attention.value_length", std::to_string(*valueLength),
                             fmt::format("{}, the length of the keys", headDim), ErrorCode::Unsupported);
    return headDim;
}

/// The factor by which linear scaling stretches positions; 1 without it.
Result<double> readLinearScale(const GgufMetadata& metadata)
{
    HEADWATER_TRY_ASSIGN(const auto type, metadata.findString("llama.rope.scaling.type"));
    if (type && *type != "none" && *type != "linear")
        return metadata.fail("llama.rope.scaling.type", fmt::format("\"{}\"", *type),
                             "\"none\" or \"linear\"", ErrorCode::Unsupported);
    if (type && *type == "none")
        return 1.0;
    for (const char* key : {"llama.rope.scaling.factor", "llama.rope.scale_linear"}) {
        HEADWATER_TRY_ASSIGN(const auto factor, metadata.findFloat(key, 0, 1e6));
        if (factor)
            return *factor == 0.0 ? 1.0 : *factor; // 0 stands for "not scaled" in older files
    }
    return 1.0;
}

/// Shape: [headDim / 2], in radians a position.
Result<std::vector<double>> readRopeFrequencies(const GgufMetadata& metadata, GgufWeights& weights,
                                                std::uint64_t headDim)
{
    HEADWATER_TRY_ASSIGN(const auto base, metadata.findFloat("llama.rope.freq_base", 1.0, kLargestRopeBase));
    HEADWATER_TRY_ASSIGN(const auto rotated, metadata.findUnsigned("llama.rope.dimension_count", 2, headDim));
    const std::uint64_t count = rotated.value_or(headDim);
    if (count % 2 != 0 || headDim % 2 != 0)
        return metadata.fail("llama.rope.dimension_count", fmt::format("{} of {} dimensions", count, headDim),
                             "even numbers");
    HEADWATER_TRY_ASSIGN(const double scale, readLinearScale(metadata));
    std::span<const float> factors;
    if (weights.has("rope_freqs.weight")) {
        HEADWATER_TRY_ASSIGN(factors, weights.vector("rope_freqs.weight", count / 2));
    }
    std::vector<double> frequencies(headDim / 2, 0.0);
    for (std::size_t i = 0; i < count / 2; ++i) {
        const double factor = factors.empty() ? 1.0 : static_cast<double>(factors[i]);
        if (!std::isfinite(factor) || factor <= 0)
            return metadata.fail("rope_freqs.weight", fmt::format("{:g} at {}", factor, i),
                                 "positive factors");
        const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(count);
        frequencies[i] = std::pow(base.value_or(kDefaultRopeBase), exponent) / factor / scale;
    }
    return frequencies;
}

Result<std::vector<LayerConfig>> readLayers(const GgufMetadata& metadata, GgufWeights& weights,
                                            std::uint64_t hidden)
{
    HEADWATER_TRY_ASSIGN(const auto numLayers,
                         metadata.requireUnsigned("llama.block_count", 1, limits::kLayers));
    HEADWATER_TRY_ASSIGN(
        const auto heads,
        metadata.requirePerLayer("llama.attention.head_count", numLayers, 1, limits::kHeads));
    auto kvHeads = heads;
    if (metadata.file().find("llama.attention.head_count_kv")) {
        HEADWATER_TRY_ASSIGN(
            kvHeads, metadata.requirePerLayer("llama.attention.head_count_kv", numLayers, 1, limits::kHeads));
    }
    HEADWATER_TRY_ASSIGN(
        const auto ffnSizes,
        metadata.requirePerLayer("llama.feed_forward_length", numLayers, 1, limits::kFfnSize));
    HEADWATER_TRY_ASSIGN(const auto headDim, readHeadDim(metadata, hidden, heads[0]));
    HEADWATER_TRY_ASSIGN(const auto scale, metadata.findFloat("llama.attention.scale", 0, 1e6));
    HEADWATER_TRY_ASSIGN(const auto window,
                         metadata.findUnsigned("llama.attention.sliding_window", 1,
                                               std::numeric_limits<std::uint32_t>::max()));
    HEADWATER_TRY_ASSIGN(const auto frequencies, readRopeFrequencies(metadata, weights, headDim));

    std::vector<LayerConfig> layers;
    for (std::size_t i = 0; i < numLayers; ++i) {
        if (heads[i] % kvHeads[i] != 0)
            return metadata.fail("llama.attention.head_count_kv",
                                 fmt::format("{} for {} heads", kvHeads[i], heads[i]),
                                 "a divisor of the number of heads");
        LayerConfig layer;
        // A window that no prompt fills leaves nothing out: that is a global layer.
        if (window && *window < limits::kPromptTokens) {
            layer.kind = HeadKind::Sliding;
            layer.window = static_cast<std::uint32_t>(*window);
        }
        layer.numHeads = static_cast<int>(heads[i]);
        layer.numKvHeads = static_cast<int>(kvHeads[i]);
        layer.headDim = static_cast<int>(headDim);
        layer.ffnSize = static_cast<int>(ffnSizes[i]);
        const bool hasScale = scale && *scale > 0;
        layer.attentionScale =
            static_cast<float>(hasScale ? *scale : 1.0 / std::sqrt(static_cast<double>(headDim)));
        layer.ropeFrequencies = frequencies;
        layers.push_back(std::move(layer));
    }
    return layers;
}

Result<LayerWeights> readLayerWeights(GgufWeights& weights, std::size_t index, const LayerConfig& layer,
                                      std::uint64_t hidden)
{
    const auto name = [index](const char* part) { return fmt::format("blk.{}.{}.weight", index, part); };
    const auto headDim = static_cast<std::uint64_t>(layer.headDim);
    const std::uint64_t queryRows = static_cast<std::uint64_t>(layer.numHeads) * headDim;
    const std::uint64_t kvRows = static_cast<std::uint64_t>(layer.numKvHeads) * headDim;
    const auto ffn = static_cast<std::uint64_t>(layer.ffnSize);
    LayerWeights out;
    HEADWATER_TRY_ASSIGN(out.attentionNorm, weights.vector(name("attn_norm"), hidden));
    HEADWATER_TRY_ASSIGN(out.query, weights.matrix(name("attn_q"), queryRows, hidden));
    HEADWATER_TRY_ASSIGN(out.key, weights.matrix(name("attn_k"), kvRows, hidden));
    HEADWATER_TRY_ASSIGN(out.value, weights.matrix(name("attn_v"), kvRows, hidden));
    HEADWATER_TRY_ASSIGN(out.output, weights.matrix(name("attn_output"), hidden, queryRows));
    HEADWATER_TRY_ASSIGN(out.ffnNorm, weights.vector(name("ffn_norm"), hidden));
    HEADWATER_TRY_ASSIGN(out.gate, weights.matrix(name("ffn_gate"), ffn, hidden));
    HEADWATER_TRY_ASSIGN(out.up, weights.matrix(name("ffn_up"), ffn, hidden));
    HEADWATER_TRY_ASSIGN(out.down, weights.matrix(name("ffn_down"), hidden, ffn));
    return out;
}

/// The embedding's rows, the vocabulary's size and the token list must be one number.
Result<std::uint64_t> readVocabSize(const GgufMetadata& metadata, const Model& model)
{
    const std::uint64_t numTokens = model.tokenizer.tokens.size();
    HEADWATER_TRY_ASSIGN(const auto declared,
                         metadata.findUnsigned("llama.vocab_size", 1, limits::kVocabSize));
    if (declared && *declared != numTokens)
        return metadata.fail("tokenizer.ggml.tokens", fmt::format("{} tokens", numTokens),
                             fmt::format("{} (llama.vocab_size)", *declared));
    const GgufTensor* embedding = metadata.file().findTensor("token_embd.weight");
    if (embedding && embedding->dimensions.size() == 2 && embedding->dimensions[1] != numTokens)
        return metadata.fail("tokenizer.ggml.tokens", fmt::format("{} tokens", numTokens),
                             fmt::format("{}, the rows of token_embd.weight", embedding->dimensions[1]));
    return numTokens;
}

} // namespace

Result<void> readLlamaArchitecture(const GgufMetadata& metadata, GgufWeights& weights, Model& model)
{
    HEADWATER_TRY_ASSIGN(const auto experts, metadata.findUnsigned("llama.expert_count", 0, 1'000'000));
    if (experts.value_or(0) > 0)
        return metadata.fail("llama.expert_count", std::to_string(*experts),
                             "0: mixtures of experts are not read", ErrorCode::Unsupported);
    HEADWATER_TRY_ASSIGN(const auto hidden,
                         metadata.requireUnsigned("llama.embedding_length", 1, limits::kHiddenSize));
    HEADWATER_TRY_ASSIGN(const auto context,
                         metadata.requireUnsigned("llama.context_length", 1, limits::kContextLength));
    HEADWATER_TRY_ASSIGN(const auto epsilon,
                         metadata.requireFloat("llama.attention.layer_norm_rms_epsilon", 0, 1));
    HEADWATER_TRY_ASSIGN(const auto vocab, readVocabSize(metadata, model));

    ModelConfig& config = model.config;
    config.hiddenSize = static_cast<int>(hidden);
    config.vocabSize = static_cast<int>(vocab);
    config.contextLength = static_cast<std::uint32_t>(context);
    config.norm = NormKind::Rms;
    config.normEpsilon = static_cast<float>(epsilon);
    config.activation = Activation::Silu;
    HEADWATER_TRY_ASSIGN(config.layers, readLayers(metadata, weights, hidden));

    Weights& out = model.weights;
    HEADWATER_TRY_ASSIGN(out.embedding, weights.matrix("token_embd.weight", vocab, hidden));
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        HEADWATER_TRY_ASSIGN(auto layer, readLayerWeights(weights, i, config.layers[i], hidden));
        out.layers.push_back(std::move(layer));
    }
    HEADWATER_TRY_ASSIGN(out.outputNorm, weights.vector("output_norm.weight", hidden));
    out.unembedding = out.embedding;
    if (weights.has("output.weight")) {
        HEADWATER_TRY_ASSIGN(out.unembedding, weights.matrix("output.weight", vocab, hidden));
    }
    return weights.checkAllTaken("llama");
}

} // namespace headwater
