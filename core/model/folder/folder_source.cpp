// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/folder_source.h"

#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/dequantize.h"
#include "core/model/limits.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace headwater {
namespace {

struct PartName {
    Part part;
    std::string_view before; ///< with norms before attention and feed-forward
    std::string_view after; ///< with norms of what they add; empty: the same
};

// Source: transformers 5.23, modeling_*.py. One name is two norms, by where an architecture has them.
constexpr PartName kPartNames[] = {
    {Part::Embedding, "embed_tokens", {}},
    {Part::AttentionNorm, "input_layernorm", {}},
    {Part::Query, "self_attn.q_proj", {}},
    {Part::Key, "self_attn.k_proj", {}},
    {Part::Value, "self_attn.v_proj", {}},
    {Part::QueryNorm, "self_attn.q_norm", {}},
    {Part::KeyNorm, "self_attn.k_norm", {}},
    {Part::Output, "self_attn.o_proj", {}},
    {Part::AttentionOutputNorm, "post_attention_layernorm", {}},
    {Part::FfnNorm, "post_attention_layernorm", "pre_feedforward_layernorm"},
    {Part::Gate, "mlp.gate_proj", {}},
    {Part::Up, "mlp.up_proj", {}},
    {Part::Down, "mlp.down_proj", {}},
    {Part::FfnOutputNorm, "post_feedforward_layernorm", {}},
    {Part::LayerEmbedding, "embed_tokens_per_layer", {}},
    {Part::LayerInputContext, "per_layer_model_projection", {}},
    {Part::LayerInputNorm, "per_layer_projection_norm", {}},
    {Part::InputGate, "per_layer_input_gate", {}},
    {Part::InputProjection, "per_layer_projection", {}},
    {Part::InputNorm, "post_per_layer_input_norm", {}},
    {Part::OutputNorm, "norm", {}},
};

// Where a model's tensors begin: alone, without a head, and the text of one that also sees (transformers 5,
// 4).
constexpr std::string_view kPrefixes[] = {"model.", "", "model.language_model.", "language_model.model."};
constexpr std::string_view kEmbedding = "embed_tokens.weight";

std::string shapeText(std::span<const std::uint64_t> shape)
{
    return fmt::format("shape [{}]", fmt::join(shape, ", "));
}

} // namespace

Result<FolderSource> FolderSource::open(std::shared_ptr<const ModelFolder> folder, SourceReads reads)
{
    HEADWATER_TRY_ASSIGN(ConfigFacts facts, ConfigFacts::read(*folder));
    HEADWATER_TRY_ASSIGN(const bool isTied, facts.isTied());
    HEADWATER_TRY_ASSIGN(const bool biases, facts.flag("attention_bias", false));
    HEADWATER_TRY_ASSIGN(const bool ffnBiases, facts.flag("mlp_bias", false));
    std::vector<bool> keysAsValues;
    HEADWATER_TRY_ASSIGN(const bool areValues, facts.flag("attention_k_eq_v", false));
    if (areValues && facts.hasLocalHeads()) {
        HEADWATER_TRY_ASSIGN(const auto layers, facts.findUnsigned(Fact::LayerCount, 1, limits::kLayers));
        HEADWATER_TRY_ASSIGN(const auto slides, facts.findFlags(Fact::WindowedLayers, *layers));
        keysAsValues = *slides;
        keysAsValues.flip();
    }
    const bool saysItself = facts.convention().architecture->needsBiases;
    FolderSource source(std::move(folder), std::move(facts), isTied, biases && !saysItself, ffnBiases);
    source.m_keysAsValues = std::move(keysAsValues);
    source.m_reads = reads;
    return source;
}

FolderSource::FolderSource(std::shared_ptr<const ModelFolder> folder, ConfigFacts facts, bool isTied,
                           bool hasBiases, bool hasFfnBiases)
    : m_folder(std::move(folder))
    , m_facts(std::move(facts))
    , m_isTied(isTied)
    , m_hasBiases(hasBiases)
    , m_hasFfnBiases(hasFfnBiases)
    , m_prefix(kPrefixes[0])
{
    for (const std::string_view prefix : kPrefixes) {
        if (m_folder->find(fmt::format("{}{}", prefix, kEmbedding))) {
            m_prefix = prefix;
            break;
        }
    }
}

std::string FolderSource::nameOf(TensorRole role) const
{
    if (role.part == Part::Unembedding)
        return m_prefix == "language_model.model." ? "language_model.lm_head.weight" : "lm_head.weight";
    if (role.part == Part::OutputScale)
        return fmt::format("{}layers.{}.layer_scalar", m_prefix, role.layer);
    const auto* const found = std::ranges::find(kPartNames, role.part, &PartName::part);
    if (found == std::end(kPartNames))
        return {};
    const bool isAfter = convention().architecture->norms != NormPlace::Before && !found->after.empty();
    const std::string_view name = isAfter ? found->after : found->before;
    const char* const kind = role.bias ? "bias" : "weight";
    return role.layer < 0 ? fmt::format("{}{}.{}", m_prefix, name, kind)
                          : fmt::format("{}layers.{}.{}.{}", m_prefix, role.layer, name, kind);
}

bool FolderSource::isNorm(Part part) const
{
    switch (part) {
    case Part::AttentionNorm:
    case Part::QueryNorm:
    case Part::KeyNorm:
    case Part::AttentionOutputNorm:
    case Part::FfnNorm:
    case Part::FfnOutputNorm:
    case Part::OutputNorm:
        return true;
    default:
        return false;
    }
}

bool FolderSource::isBeside(std::string_view tensor) const
{
    if (tensor.ends_with(".rotary_emb.inv_freq")) // older files of Llama; the config says the same
        return true;
    if (!m_facts.isPartOfWhole())
        return false;
    if (tensor.starts_with("model."))
        tensor.remove_prefix(6);
    constexpr std::string_view kSeeing[] = {"vision_tower.", "multi_modal_projector.", "embed_vision.",
                                            "audio_tower.", "embed_audio."};
    return std::ranges::any_of(kSeeing, [tensor](std::string_view name) { return tensor.starts_with(name); });
}

std::uint64_t FolderSource::parameters() const
{
    std::uint64_t count = 0;
    for (const auto& [name, tensor] : m_folder->tensors)
        count += isBeside(name) ? 0 : tensor.tensor->elements;
    return count;
}

std::vector<std::string> FolderSource::warnings() const
{
    if (!m_facts.isPartOfWhole())
        return {};
    return {fmt::format("{}: the text alone is read, not what sees and hears", m_folder->name)};
}

Result<std::optional<std::uint64_t>> FolderSource::findUnsigned(Fact fact, std::uint64_t min,
                                                                std::uint64_t max) const
{
    return m_facts.findUnsigned(fact, min, max);
}

Result<std::optional<double>> FolderSource::findFloat(Fact fact, double min, double max) const
{
    return m_facts.findFloat(fact, min, max);
}

Result<std::optional<std::string>> FolderSource::findWord(Fact fact) const
{
    return m_facts.findWord(fact);
}

Result<std::optional<std::vector<std::uint64_t>>>
FolderSource::findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const
{
    return m_facts.findPerLayer(fact, layers, min, max);
}

Result<std::optional<std::vector<bool>>> FolderSource::findFlags(Fact fact, std::size_t layers) const
{
    return m_facts.findFlags(fact, layers);
}

Result<std::uint64_t> FolderSource::vocabSize(std::uint64_t numTokens) const
{
    const TensorRole role{Part::Embedding};
    const ModelFolder::Tensor* const embedding = m_folder->find(nameOf(role));
    if (!embedding)
        return fail(role, "no such tensor", "the rows of all tokens");
    const std::vector<std::uint64_t>& shape = embedding->tensor->shape;
    if (shape.size() != 2 || shape[0] < 1 || shape[0] > limits::kVocabSize)
        return fail(role, shapeText(shape), fmt::format("1 to {} rows", limits::kVocabSize));
    HEADWATER_TRY_ASSIGN(const auto said, m_facts.vocabSize(limits::kVocabSize));
    if (said && *said != shape[0])
        return fail(role, fmt::format("{} rows", shape[0]),
                    fmt::format("{}, config.json's vocab_size", *said));
    if (shape[0] < numTokens)
        return fail(role, fmt::format("{} rows", shape[0]),
                    fmt::format("one at least for each of the tokenizer's {} tokens", numTokens));
    return shape[0];
}

bool FolderSource::has(TensorRole role) const
{
    if (role.part == Part::Value && !role.bias)
        return role.layer < 0 || m_keysAsValues.empty()
            || !m_keysAsValues[static_cast<std::size_t>(role.layer)];
    switch (role.part) {
    case Part::Unembedding:
        return !role.bias && !m_isTied;
    case Part::Query:
    case Part::Key:
    case Part::Value:
    case Part::Output:
        return !role.bias || m_hasBiases;
    case Part::Gate:
    case Part::Up:
    case Part::Down:
        return !role.bias || m_hasFfnBiases;
    case Part::RopeFactors:
        return false;
    default:
        return !role.bias && m_folder->find(nameOf(role)) != nullptr;
    }
}

Result<void> FolderSource::checkType(const ModelFolder::Tensor& tensor) const
{
    if (!tensor.tensor->type->weightType)
        return fail(tensor, fmt::format("dtype {}", tensor.tensor->type->name), "F32, F16 or BF16",
                    ErrorCode::Unsupported);
    return {};
}

Result<void> FolderSource::checkTypes() const
{
    for (const auto& [name, tensor] : m_folder->tensors)
        if (!isBeside(name))
            HEADWATER_TRY(checkType(tensor));
    return {};
}

Result<const ModelFolder::Tensor*> FolderSource::take(const std::string& name,
                                                      std::span<const std::uint64_t> shape)
{
    const ModelFolder::Tensor* const tensor = m_folder->find(name);
    if (!tensor)
        return formatError(m_folder->listPath, m_folder->listOffset, name, "no such tensor",
                           "one of " + shapeText(shape));
    if (!std::ranges::equal(tensor->tensor->shape, shape))
        return fail(*tensor, shapeText(tensor->tensor->shape), shapeText(shape));
    HEADWATER_TRY(checkType(*tensor));
    m_taken.insert(tensor->tensor);
    return tensor;
}

std::span<const std::byte> FolderSource::aligned(const SafetensorsTensor& tensor)
{
    const std::size_t bytes = tensor.type->bits / 8;
    if (m_reads == SourceReads::Headers || reinterpret_cast<std::uintptr_t>(tensor.data.data()) % bytes == 0)
        return tensor.data;
    std::vector<float>& copy = m_made->emplace_back((tensor.data.size() + sizeof(float) - 1) / sizeof(float));
    std::memcpy(copy.data(), tensor.data.data(), tensor.data.size());
    return std::as_bytes(std::span(copy)).first(tensor.data.size());
}

Result<WeightMatrix> FolderSource::matrix(TensorRole role, std::uint64_t rows, std::uint64_t cols)
{
    HEADWATER_TRY_ASSIGN(const ModelFolder::Tensor* found, take(nameOf(role), std::array{rows, cols}));
    const SafetensorsTensor& tensor = *found->tensor;
    return WeightMatrix{*tensor.type->weightType, static_cast<std::uint32_t>(rows),
                        static_cast<std::uint32_t>(cols), aligned(tensor)};
}

Result<std::span<const float>> FolderSource::vector(TensorRole role, std::uint64_t size)
{
    HEADWATER_TRY_ASSIGN(const ModelFolder::Tensor* found, take(nameOf(role), std::array{size}));
    if (m_reads == SourceReads::Headers)
        return std::span<const float>();
    const SafetensorsTensor& tensor = *found->tensor;
    const WeightType type = *tensor.type->weightType;
    const std::span<const std::byte> data = aligned(tensor);
    const bool lacksOne = convention().normsLackOne && isNorm(role.part);
    if (type == WeightType::F32 && !lacksOne)
        return std::span(reinterpret_cast<const float*>(data.data()), size);
    std::vector<float>& floats = m_made->emplace_back(size);
    dequantizeRow({type, 1, static_cast<std::uint32_t>(size), data}, 0, floats);
    if (lacksOne)
        for (float& value : floats)
            value += 1;
    return std::span<const float>(floats);
}

void FolderSource::leave(TensorRole role)
{
    if (const ModelFolder::Tensor* const tensor = m_folder->find(nameOf(role)))
        m_taken.insert(tensor->tensor);
}

/// A tied model may hold its unembedding all the same, as long as it is the embedding.
Result<void> FolderSource::checkTied() const
{
    const ModelFolder::Tensor* const head = m_folder->find(nameOf({Part::Unembedding}));
    const ModelFolder::Tensor* const embedding = m_folder->find(nameOf({Part::Embedding}));
    if (!m_isTied || !head || !embedding || m_reads == SourceReads::Headers)
        return {};
    const SafetensorsTensor& a = *head->tensor;
    const SafetensorsTensor& b = *embedding->tensor;
    const bool isEqual = a.type == b.type && a.data.size() == b.data.size()
        && std::memcmp(a.data.data(), b.data.data(), a.data.size()) == 0;
    if (!isEqual)
        return fail(*head, "other values than the embedding's",
                    "the embedding's, or none: config.json says that both are one (tie_word_embeddings)");
    return {};
}

Result<void> FolderSource::checkAllTaken() const
{
    HEADWATER_TRY(checkTied());
    const std::string tied = m_isTied ? nameOf({Part::Unembedding}) : "";
    for (const auto& [name, tensor] : m_folder->tensors) {
        if (!m_taken.contains(tensor.tensor) && name != tied && !isBeside(name))
            return fail(
                tensor, "a tensor without a place in the model",
                fmt::format("only tensors that a {} model of this config.json has", convention().name),
                ErrorCode::Unsupported);
    }
    return {};
}

std::shared_ptr<const void> FolderSource::storage() const
{
    using Owners = std::array<std::shared_ptr<const void>, 2>;
    return std::make_shared<const Owners>(Owners{m_folder, m_made});
}

Error FolderSource::fail(const ModelFolder::Tensor& tensor, const std::string& found,
                         const std::string& expected, ErrorCode code) const
{
    return formatError(tensor.file->path, tensor.tensor->infoOffset,
                       printable(std::string_view(tensor.tensor->name).substr(0, 200)), found, expected,
                       code);
}

Error FolderSource::fail(Fact fact, const std::string& found, const std::string& expected,
                         ErrorCode code) const
{
    return m_facts.fail(fact, found, expected, code);
}

Error FolderSource::fail(TensorRole role, const std::string& found, const std::string& expected) const
{
    const std::string name = nameOf(role);
    if (const ModelFolder::Tensor* const tensor = m_folder->find(name))
        return fail(*tensor, found, expected, ErrorCode::BadFormat);
    return formatError(m_folder->listPath, m_folder->listOffset, name, found, expected);
}

} // namespace headwater
