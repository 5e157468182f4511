// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture.h"

namespace headwater {
namespace {

/// The parts of one layer, asked for by their roles.
class LayerReader {
public:
    LayerReader(const Architecture& architecture, ModelSource& source, const ModelConfig& config, int layer)
        : m_architecture(architecture)
        , m_source(source)
        , m_hidden(static_cast<std::uint64_t>(config.hiddenSize))
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
        HEADWATER_TRY_ASSIGN(out.key, linear(Part::Key, keys, m_hidden));
        HEADWATER_TRY_ASSIGN(out.value, linear(Part::Value, keys, m_hidden));
        HEADWATER_TRY_ASSIGN(out.queryNorm, norm(Part::QueryNorm, headNormSize(queries)));
        HEADWATER_TRY_ASSIGN(out.keyNorm, norm(Part::KeyNorm, headNormSize(keys)));
        HEADWATER_TRY_ASSIGN(out.output, linear(Part::Output, m_hidden, queries));
        HEADWATER_TRY_ASSIGN(out.attentionOutputNorm, norm(Part::AttentionOutputNorm, after ? m_hidden : 0));
        HEADWATER_TRY_ASSIGN(out.ffnNorm, norm(Part::FfnNorm, before ? m_hidden : 0));
        HEADWATER_TRY_ASSIGN(out.gate, linear(Part::Gate, ffn, m_hidden));
        HEADWATER_TRY_ASSIGN(out.up, linear(Part::Up, ffn, m_hidden));
        HEADWATER_TRY_ASSIGN(out.down, linear(Part::Down, m_hidden, ffn));
        HEADWATER_TRY_ASSIGN(out.ffnOutputNorm, norm(Part::FfnOutputNorm, after ? m_hidden : 0));
        return out;
    }

private:
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
    const LayerConfig& m_config;
    int m_layer;
};

} // namespace

Result<void> readModel(const Architecture& architecture, ModelSource& source, Model& model)
{
    HEADWATER_TRY_ASSIGN(const auto experts, source.findUnsigned(Fact::ExpertCount, 0, 1'000'000));
    if (experts.value_or(0) > 0)
        return source.fail(Fact::ExpertCount, std::to_string(*experts), "0: mixtures of experts are not read",
                           ErrorCode::Unsupported);
    HEADWATER_TRY_ASSIGN(const std::uint64_t vocab, source.vocabSize(model.tokenizer.tokens.size()));
    const std::string name = std::move(model.config.name);
    HEADWATER_TRY_ASSIGN(model.config, architecture.config(source));
    ModelConfig& config = model.config;
    config.architecture = architecture.name;
    config.name = name;
    config.vocabSize = static_cast<int>(vocab);

    const auto hidden = static_cast<std::uint64_t>(config.hiddenSize);
    Weights& out = model.weights;
    HEADWATER_TRY_ASSIGN(out.embedding, source.matrix({Part::Embedding}, vocab, hidden));
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
    return {};
}

} // namespace headwater
