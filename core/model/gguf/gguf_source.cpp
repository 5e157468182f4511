// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_source.h"

#include "core/base/text.h"
#include "core/model/limits.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace headwater {
namespace {

struct FactKey {
    Fact fact;
    std::string_view key; ///< behind "<architecture>."
};

// Source: ggml docs/gguf.md, llama.cpp src/llama-arch.cpp. Facts that are not here no file says.
constexpr FactKey kFactKeys[] = {
    {Fact::LayerCount, "block_count"},
    {Fact::HiddenSize, "embedding_length"},
    {Fact::ContextLength, "context_length"},
    {Fact::NormEpsilon, "attention.layer_norm_rms_epsilon"},
    {Fact::ExpertCount, "expert_count"},
    {Fact::HeadCount, "attention.head_count"},
    {Fact::KvHeadCount, "attention.head_count_kv"},
    {Fact::FfnSize, "feed_forward_length"},
    {Fact::HeadDim, "attention.key_length"},
    {Fact::ValueDim, "attention.value_length"},
    {Fact::LocalHeadDim, "attention.key_length_swa"},
    {Fact::LocalValueDim, "attention.value_length_swa"},
    {Fact::BorrowingLayers, "attention.shared_kv_layers"},
    {Fact::LayerInputSize, "embedding_length_per_layer_input"},
    {Fact::ScoreScale, "attention.scale"},
    {Fact::ScoreCap, "attn_logit_softcapping"},
    {Fact::LogitCap, "final_logit_softcapping"},
    {Fact::Window, "attention.sliding_window"},
    {Fact::WindowedLayers, "attention.sliding_window_pattern"},
    {Fact::RotatedDims, "rope.dimension_count"},
    {Fact::LocalRotatedDims, "rope.dimension_count_swa"},
    {Fact::RopeBase, "rope.freq_base"},
    {Fact::LocalRopeBase, "rope.freq_base_swa"},
    {Fact::RopeScaling, "rope.scaling.type"},
    {Fact::RopeFactor, "rope.scaling.factor"},
    {Fact::RopeOriginalContext, "rope.scaling.original_context_length"},
    {Fact::YarnBetaFast, "rope.scaling.yarn_beta_fast"},
    {Fact::YarnBetaSlow, "rope.scaling.yarn_beta_slow"},
    {Fact::YarnMagnitude, "rope.scaling.yarn_attn_factor"},
    {Fact::YarnMscaleAllDim, "rope.scaling.yarn_log_multiplier"},
    {Fact::QueryTemperature, "attention.temperature_scale"},
};
constexpr std::string_view kOlderRopeFactor = "rope.scale_linear";

struct PartName {
    Part part;
    std::string_view name; ///< behind "blk.N." where the part is a layer's
};

constexpr PartName kPartNames[] = {
    {Part::Embedding, "token_embd"},
    {Part::RopeFactors, "rope_freqs"},
    {Part::AttentionNorm, "attn_norm"},
    {Part::Query, "attn_q"},
    {Part::Key, "attn_k"},
    {Part::Value, "attn_v"},
    {Part::QueryNorm, "attn_q_norm"},
    {Part::KeyNorm, "attn_k_norm"},
    {Part::Output, "attn_output"},
    {Part::AttentionOutputNorm, "post_attention_norm"},
    {Part::FfnNorm, "ffn_norm"},
    {Part::Gate, "ffn_gate"},
    {Part::Up, "ffn_up"},
    {Part::Down, "ffn_down"},
    {Part::FfnOutputNorm, "post_ffw_norm"},
    {Part::LayerEmbedding, "per_layer_token_embd"},
    {Part::LayerInputContext, "per_layer_model_proj"},
    {Part::LayerInputNorm, "per_layer_proj_norm"},
    {Part::InputGate, "inp_gate"},
    {Part::InputProjection, "proj"},
    {Part::InputNorm, "post_norm"},
    {Part::OutputScale, "layer_output_scale"},
    {Part::OutputNorm, "output_norm"},
    {Part::Unembedding, "output"},
};

std::string nameOf(TensorRole role)
{
    const auto* const found = std::ranges::find(kPartNames, role.part, &PartName::part);
    const char* const kind = role.bias ? "bias" : "weight";
    return role.layer < 0 ? fmt::format("{}.{}", found->name, kind)
                          : fmt::format("blk.{}.{}.{}", role.layer, found->name, kind);
}

} // namespace

Result<GgufSource> GgufSource::open(const GgufFile& file, std::shared_ptr<const void> bytes,
                                    SourceReads reads)
{
    constexpr const char* kKey = "general.architecture";
    const GgufMetadata metadata(file);
    HEADWATER_TRY_ASSIGN(const std::string_view name, metadata.requireString(kKey));
    if (const Convention* const found = findConvention(Container::Gguf, name))
        return GgufSource(file, std::move(bytes), *found, reads);
    return metadata.fail(
        kKey, fmt::format("\"{}\"", printable(name.substr(0, 80))),
        fmt::format("an architecture this version reads ({})", namesThatRun(Container::Gguf)),
        ErrorCode::Unsupported);
}

GgufSource::GgufSource(const GgufFile& file, std::shared_ptr<const void> bytes, const Convention& convention,
                       SourceReads reads)
    : m_metadata(file)
    , m_weights(file)
    , m_bytes(std::move(bytes))
    , m_convention(&convention)
    , m_reads(reads)
{
}

std::string GgufSource::keyOf(Fact fact) const
{
    const auto* const found = std::ranges::find(kFactKeys, fact, &FactKey::fact);
    if (found == std::end(kFactKeys))
        return {};
    const auto keyOf = [this](std::string_view key) { return fmt::format("{}.{}", m_convention->name, key); };
    std::string key = keyOf(found->key);
    if (fact == Fact::RopeFactor && !m_metadata.file().find(key)
        && m_metadata.file().find(keyOf(kOlderRopeFactor)))
        return keyOf(kOlderRopeFactor);
    return key;
}

bool GgufSource::says(Fact fact) const
{
    const std::string key = keyOf(fact);
    return !key.empty() && m_metadata.file().find(key);
}

std::optional<double> GgufSource::unsaid(Fact fact) const
{
    const auto found = std::ranges::find(m_convention->unsaid, fact, &UnsaidFact::fact);
    return found == m_convention->unsaid.end() ? std::nullopt : std::optional(found->value);
}

Result<std::optional<std::uint64_t>> GgufSource::findUnsigned(Fact fact, std::uint64_t min,
                                                              std::uint64_t max) const
{
    if (says(fact))
        return m_metadata.findUnsigned(keyOf(fact), min, max);
    const auto value = unsaid(fact);
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Result<std::optional<double>> GgufSource::findFloat(Fact fact, double min, double max) const
{
    if (says(fact))
        return m_metadata.findFloat(keyOf(fact), min, max);
    if (fact == Fact::QueryScalar && m_convention->layersOfWidthScalar > 0) {
        HEADWATER_TRY_ASSIGN(const auto layers, requireUnsigned(Fact::LayerCount, 1, limits::kLayers));
        HEADWATER_TRY_ASSIGN(const auto width, requireUnsigned(Fact::HiddenSize, 1, limits::kHiddenSize));
        HEADWATER_TRY_ASSIGN(const auto heads, requirePerLayer(Fact::HeadCount, layers, 1, limits::kHeads));
        if (layers == m_convention->layersOfWidthScalar)
            return std::optional(static_cast<double>(width) / static_cast<double>(heads[0]));
    }
    return unsaid(fact);
}

Result<std::optional<std::string>> GgufSource::findWord(Fact fact) const
{
    HEADWATER_TRY_ASSIGN(const auto word, m_metadata.findString(keyOf(fact)));
    return word ? std::optional(std::string(*word)) : std::nullopt;
}

Result<std::optional<std::vector<std::uint64_t>>>
GgufSource::findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const
{
    if (!says(fact))
        return std::optional<std::vector<std::uint64_t>>{};
    HEADWATER_TRY_ASSIGN(auto values, m_metadata.requirePerLayer(keyOf(fact), layers, min, max));
    return std::optional(std::move(values));
}

Result<std::optional<std::vector<bool>>> GgufSource::findFlags(Fact fact, std::size_t layers) const
{
    const std::string key = keyOf(fact);
    const GgufEntry* const entry = key.empty() ? nullptr : m_metadata.file().find(key);
    if (entry && entry->type == GgufType::Array) {
        HEADWATER_TRY_ASSIGN(const auto flags, m_metadata.findArray(key, GgufType::Bool));
        if (flags->size() != layers)
            return fail(fact, fmt::format("{} flags", flags->size()), fmt::format("{}, one a layer", layers));
        std::vector<bool> values;
        for (const std::byte flag : *flags)
            values.push_back(flag != std::byte{0});
        return std::optional(std::move(values));
    }
    HEADWATER_TRY_ASSIGN(const auto period, findUnsigned(fact, 1, limits::kLayers));
    if (!period)
        return std::optional<std::vector<bool>>{};
    std::vector<bool> values;
    for (std::size_t layer = 0; layer < layers; ++layer)
        values.push_back(layer % *period + 1 < *period);
    return std::optional(std::move(values));
}

Result<std::uint64_t> GgufSource::vocabSize(std::uint64_t numTokens) const
{
    constexpr const char* kTokens = "tokenizer.ggml.tokens";
    const std::string key = fmt::format("{}.vocab_size", m_convention->name);
    HEADWATER_TRY_ASSIGN(const auto declared, m_metadata.findUnsigned(key, 1, limits::kVocabSize));
    if (declared && *declared != numTokens)
        return m_metadata.fail(kTokens, fmt::format("{} tokens", numTokens),
                               fmt::format("{} ({})", *declared, key));
    const GgufTensor* embedding = m_metadata.file().findTensor(nameOf({Part::Embedding}));
    if (embedding && embedding->dimensions.size() == 2 && embedding->dimensions[1] != numTokens)
        return m_metadata.fail(
            kTokens, fmt::format("{} tokens", numTokens),
            fmt::format("{}, the rows of {}", embedding->dimensions[1], nameOf({Part::Embedding})));
    return numTokens;
}

bool GgufSource::has(TensorRole role) const
{
    return m_weights.has(nameOf(role));
}

Result<WeightMatrix> GgufSource::matrix(TensorRole role, std::uint64_t rows, std::uint64_t cols)
{
    return m_weights.matrix(nameOf(role), rows, cols);
}

Result<std::span<const float>> GgufSource::vector(TensorRole role, std::uint64_t size)
{
    if (m_reads == SourceReads::All || role.part == Part::RopeFactors)
        return m_weights.vector(nameOf(role), size);
    HEADWATER_TRY(m_weights.check(nameOf(role), size));
    return std::span<const float>();
}

void GgufSource::leave(TensorRole role)
{
    m_weights.leave(nameOf(role));
}

Result<void> GgufSource::checkAllTaken() const
{
    return m_weights.checkAllTaken(m_convention->architecture->name);
}

std::shared_ptr<const void> GgufSource::storage() const
{
    using Owners = std::array<std::shared_ptr<const void>, 2>;
    return std::make_shared<const Owners>(Owners{m_bytes, m_weights.widened()});
}

Error GgufSource::fail(Fact fact, const std::string& found, const std::string& expected, ErrorCode code) const
{
    return m_metadata.fail(keyOf(fact), found, expected, code);
}

Error GgufSource::fail(TensorRole role, const std::string& found, const std::string& expected) const
{
    return m_metadata.fail(nameOf(role), found, expected);
}

} // namespace headwater
