// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"

#include "core/base/text.h"
#include "core/model/dequantize.h"
#include "core/model/limits.h"

#include <fmt/format.h>

namespace headwater {
namespace {

/// The parts of one layer, asked for by their roles.
class LayerReader {
public:
    LayerReader(const Architecture& architecture, ModelSource& source, const ModelConfig& config, int layer)
        : m_architecture(architecture)
        , m_source(source)
        , m_hidden(static_cast<std::uint64_t>(config.hiddenSize))
        , m_layers(config.layers.size())
        , m_layerInput(static_cast<std::uint64_t>(config.layerInputSize))
        , m_config(config.layers[static_cast<std::size_t>(layer)])
        , m_layer(layer)
    {
    }

    Result<LayerWeights> read()
    {
        const bool before = m_architecture.norms != NormPlace::After;
        const bool after = m_architecture.norms != NormPlace::Before;
        const std::uint64_t queries = m_config.queryWidth();
        const std::uint64_t keys = m_config.keyWidth();
        const auto ffn = static_cast<std::uint64_t>(m_config.ffnSize);
        LayerWeights out;
        HEADWATER_TRY_ASSIGN(out.attentionNorm, norm(Part::AttentionNorm, before ? m_hidden : 0));
        HEADWATER_TRY_ASSIGN(out.query, linear(Part::Query, queries, m_hidden));
        HEADWATER_TRY_ASSIGN(out.queryNorm, norm(Part::QueryNorm, headNormSize(queries)));
        HEADWATER_TRY(readKeysValues(keys, out));
        HEADWATER_TRY_ASSIGN(out.output, linear(Part::Output, m_hidden, queries));
        HEADWATER_TRY_ASSIGN(out.attentionOutputNorm, norm(Part::AttentionOutputNorm, after ? m_hidden : 0));
        HEADWATER_TRY_ASSIGN(out.ffnNorm, norm(Part::FfnNorm, before ? m_hidden : 0));
        HEADWATER_TRY_ASSIGN(out.gate, linear(Part::Gate, ffn, m_hidden));
        HEADWATER_TRY_ASSIGN(out.up, linear(Part::Up, ffn, m_hidden));
        HEADWATER_TRY_ASSIGN(out.down, linear(Part::Down, m_hidden, ffn));
        HEADWATER_TRY_ASSIGN(out.ffnOutputNorm, norm(Part::FfnOutputNorm, after ? m_hidden : 0));
        if (m_layerInput > 0)
            HEADWATER_TRY(readLayerInput(out));
        if (m_source.has({Part::OutputScale, m_layer})) {
            HEADWATER_TRY_ASSIGN(out.outputScale, m_source.vector({Part::OutputScale, m_layer}, 1));
        }
        return out;
    }

private:
    Result<void> readKeysValues(std::uint64_t width, LayerWeights& out)
    {
        if (m_config.borrowsKeys()) {
            for (const Part part : {Part::Key, Part::Value, Part::KeyNorm})
                m_source.leave({part, m_layer});
            return {};
        }
        HEADWATER_TRY_ASSIGN(out.key, linear(Part::Key, width, m_hidden));
        HEADWATER_TRY_ASSIGN(out.keyNorm, norm(Part::KeyNorm, headNormSize(width)));
        if (!m_config.valuesAreKeys) {
            HEADWATER_TRY_ASSIGN(out.value, linear(Part::Value, width, m_hidden));
        }
        return {};
    }

    Result<void> readLayerInput(LayerWeights& out)
    {
        HEADWATER_TRY_ASSIGN(const WeightMatrix all,
                             m_source.matrix({Part::LayerInputContext}, m_layers * m_layerInput, m_hidden));
        const auto size = static_cast<std::uint32_t>(m_layerInput);
        out.inputContext = rowsOf(all, static_cast<std::uint32_t>(m_layer) * size, size);
        HEADWATER_TRY_ASSIGN(out.inputGate,
                             m_source.matrix({Part::InputGate, m_layer}, m_layerInput, m_hidden));
        HEADWATER_TRY_ASSIGN(out.inputProjection,
                             m_source.matrix({Part::InputProjection, m_layer}, m_hidden, m_layerInput));
        HEADWATER_TRY_ASSIGN(out.inputNorm, m_source.vector({Part::InputNorm, m_layer}, m_hidden));
        return {};
    }

    std::uint64_t headNormSize(std::uint64_t projection) const
    {
        switch (m_architecture.headNorm) {
        case HeadNorm::EachHead:
            return static_cast<std::uint64_t>(m_config.headDim);
        case HeadNorm::WholeProjection:
            return projection;
        case HeadNorm::None:
            break;
        }
        return 0;
    }

    /// size 0: the architecture has none here.
    Result<std::span<const float>> norm(Part part, std::uint64_t size)
    {
        if (size == 0)
            return std::span<const float>();
        return m_source.vector({part, m_layer}, size);
    }

    Result<Linear> linear(Part part, std::uint64_t rows, std::uint64_t cols)
    {
        Linear out;
        HEADWATER_TRY_ASSIGN(out.matrix, m_source.matrix({part, m_layer}, rows, cols));
        const TensorRole bias{part, m_layer, true};
        const bool isNeeded =
            m_architecture.needsBiases && (part == Part::Query || part == Part::Key || part == Part::Value);
        if (isNeeded || m_source.has(bias)) {
            HEADWATER_TRY_ASSIGN(out.bias, m_source.vector(bias, rows));
        }
        return out;
    }

    const Architecture& m_architecture;
    ModelSource& m_source;
    std::uint64_t m_hidden;
    std::uint64_t m_layers;
    std::uint64_t m_layerInput;
    const LayerConfig& m_config;
    int m_layer;
};

/// What tokens bring to every layer: a row a token and layer.
Result<void> readLayerEmbedding(ModelSource& source, const ModelConfig& config, Weights& out)
{
    const auto size = static_cast<std::uint64_t>(config.layerInputSize);
    const std::uint64_t layers = config.layers.size();
    const auto vocab = static_cast<std::uint64_t>(config.vocabSize);
    const TensorRole role{Part::LayerEmbedding};
    HEADWATER_TRY_ASSIGN(const WeightMatrix all, source.matrix(role, vocab, layers * size));
    if (size % traitsOf(all.type).blockElements != 0 || vocab * layers >= limits::kDimension)
        return source.fail(
            role, fmt::format("{} for each of {} layers in type {}", size, layers, traitsOf(all.type).name),
            fmt::format("whole blocks of {}", traitsOf(all.type).blockElements));
    out.layerEmbedding = {all.type, static_cast<std::uint32_t>(vocab * layers),
                          static_cast<std::uint32_t>(size), all.data};
    HEADWATER_TRY_ASSIGN(out.layerInputNorm, source.vector({Part::LayerInputNorm}, size));
    return {};
}

/// An architecture has its activation; a container that names one must name that.
Result<void> checkActivation(const ModelSource& source, Activation activation)
{
    const std::string_view expected = activation == Activation::Silu ? "silu" : "gelu_tanh";
    HEADWATER_TRY_ASSIGN(const auto said, source.findWord(Fact::Activation));
    if (said && *said != expected)
        return source.fail(Fact::Activation, fmt::format("\"{}\"", printable(said->substr(0, 80))),
                           fmt::format("{}, as models of this architecture have", expected),
                           ErrorCode::Unsupported);
    return {};
}

} // namespace

Result<ModelConfig> readConfig(const Architecture& architecture, ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(const auto experts, source.findUnsigned(Fact::ExpertCount, 0, 1'000'000));
    if (experts.value_or(0) > 0)
        return source.fail(Fact::ExpertCount, std::to_string(*experts), "0: mixtures of experts are not read",
                           ErrorCode::Unsupported);
    HEADWATER_TRY_ASSIGN(ModelConfig config, architecture.config(source));
    HEADWATER_TRY(checkActivation(source, config.activation));
    config.architecture = architecture.name;
    return config;
}

Result<Weights> readWeights(const Architecture& architecture, ModelSource& source, std::uint64_t numTokens,
                            ModelConfig& config)
{
    HEADWATER_TRY_ASSIGN(const std::uint64_t vocab, source.vocabSize(numTokens));
    config.vocabSize = static_cast<int>(vocab);

    const auto hidden = static_cast<std::uint64_t>(config.hiddenSize);
    Weights out;
    HEADWATER_TRY_ASSIGN(out.embedding, source.matrix({Part::Embedding}, vocab, hidden));
    if (config.layerInputSize > 0)
        HEADWATER_TRY(readLayerEmbedding(source, config, out));
    for (int layer = 0; layer < config.numLayers(); ++layer) {
        HEADWATER_TRY_ASSIGN(auto weights, LayerReader(architecture, source, config, layer).read());
        out.layers.push_back(std::move(weights));
    }
    HEADWATER_TRY_ASSIGN(out.outputNorm, source.vector({Part::OutputNorm}, hidden));
    out.unembedding = out.embedding;
    if (source.has({Part::Unembedding})) {
        HEADWATER_TRY_ASSIGN(out.unembedding, source.matrix({Part::Unembedding}, vocab, hidden));
    }
    HEADWATER_TRY(source.checkAllTaken());
    out.storage = source.storage();
    return out;
}

Result<void> readModel(const Architecture& architecture, ModelSource& source, Model& model)
{
    const std::string name = std::move(model.config.name);
    HEADWATER_TRY_ASSIGN(model.config, readConfig(architecture, source));
    model.config.name = name;
    HEADWATER_TRY_ASSIGN(model.weights,
                         readWeights(architecture, source, model.tokenizer.tokens.size(), model.config));
    return {};
}

} // namespace headwater
