// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/builtin_needle.h"

#include "core/base/hash.h"
#include "core/model/builtin/needle_layers.h"

#include <array>
#include <vector>

// The construction, part by part, is docs/builtin_needle.md; names here are those used there.

namespace headwater {
namespace {

using namespace needle;

constexpr float kLogit = 32.0f;

Matrix makeEmbedding(const std::vector<Code>& codes)
{
    Matrix embedding(kVocabSize, kHidden);
    for (int token = 0; token < kVocabSize; ++token) {
        embedding.at(token, kOne) = 1.0f;
        if (token == kBos) {
            embedding.at(token, kIsBos) = 1.0f;
            continue;
        }
        embedding.at(token, kIsAt) = token == '@' ? 1.0f : 0.0f;
        embedding.at(token, kEquals) = token == '=' ? 1.0f : 0.0f;
        embedding.at(token, kIsEnd) = isAlnum(token) ? 0.0f : 1.0f;
        const Code& code = codes[static_cast<std::size_t>(codeIndex(token))];
        for (int d = 0; d < kCode; ++d) {
            embedding.at(token, kByte + d) = code[static_cast<std::size_t>(d)];
            if (isAlnum(token))
                embedding.at(token, kValue + d) = code[static_cast<std::size_t>(d)];
        }
    }
    return embedding;
}

Matrix makeUnembedding(const std::vector<Code>& codes)
{
    Matrix unembedding(kVocabSize, kHidden);
    for (int token = 0; token < kBos; ++token) {
        // Bytes without a code of their own share one: the full stop speaks for them.
        const bool speaks = codeIndex(token) != kOtherCode || token == '.';
        const Code& code = codes[static_cast<std::size_t>(codeIndex(token))];
        for (int d = 0; d < kCode; ++d)
            unembedding.at(token, kAnswer + d) =
                kLogit * code[static_cast<std::size_t>(d)] * (speaks ? 1.0f : 0.75f);
    }
    unembedding.at(' ', kOne) = 0.5f; // said where no head has anything to say
    unembedding.at(kBos, kOne) = -kLogit;
    unembedding.at(kEos, kAnswer + kCode) = kCodeNorm2 * kLogit;
    return unembedding;
}

// ---- the model ----

/// Appends matrices to one block of floats; spans are taken once it no longer grows.
class WeightBlock {
public:
    struct Place {
        std::size_t offset;
        std::uint32_t rows;
        std::uint32_t cols;
    };

    Place add(const Matrix& matrix)
    {
        const Place place{m_floats.size(), static_cast<std::uint32_t>(matrix.rows),
                          static_cast<std::uint32_t>(matrix.cols)};
        m_floats.insert(m_floats.end(), matrix.values.begin(), matrix.values.end());
        return place;
    }
    std::shared_ptr<const std::vector<float>> finish()
    {
        return std::make_shared<const std::vector<float>>(std::move(m_floats));
    }

private:
    std::vector<float> m_floats;
};

TokenizerData makeTokenizerData()
{
    TokenizerData data;
    data.kind = Bytes{};
    for (int byte = 0; byte < kBos; ++byte)
        data.tokens.emplace_back(1, static_cast<char>(byte));
    data.tokens.emplace_back("<bos>");
    data.tokens.emplace_back("<eos>");
    data.types.assign(kVocabSize, TokenType::Byte);
    data.types[kBos] = TokenType::Control;
    data.types[kEos] = TokenType::Control;
    data.bos = kBos;
    data.eos = kEos;
    data.addBos = true;
    return data;
}

} // namespace

std::shared_ptr<const Model> makeBuiltinNeedle()
{
    const std::vector<Code> codes = rootsOfD5();
    const std::array<Layer, 3> layers = {makeOffsetLayer(), makeRecordLayer(), makeRetrievalLayer()};

    WeightBlock block;
    const auto embedding = block.add(makeEmbedding(codes));
    const auto unembedding = block.add(makeUnembedding(codes));
    std::vector<std::array<WeightBlock::Place, 7>> places;
    for (const Layer& layer : layers)
        places.push_back({block.add(layer.query), block.add(layer.key), block.add(layer.value),
                          block.add(layer.output), block.add(layer.gate), block.add(layer.up),
                          block.add(layer.down)});
    const auto floats = block.finish();
    const auto view = [&floats](const WeightBlock::Place& place) {
        const std::size_t count = std::size_t{place.rows} * place.cols;
        return WeightMatrix{WeightType::F32, place.rows, place.cols,
                            std::as_bytes(std::span(*floats).subspan(place.offset, count))};
    };

    const auto model = std::make_shared<Model>();
    ModelConfig& config = model->config;
    config.architecture = "needle";
    config.name = "Built-in needle";
    config.hiddenSize = kHidden;
    config.vocabSize = kVocabSize;
    config.contextLength = std::uint32_t{1} << 22;
    Weights& weights = model->weights;
    weights.storage = floats;
    weights.embedding = view(embedding);
    weights.unembedding = view(unembedding);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        config.layers.push_back(layers[i].config);
        const auto& at = places[i];
        LayerWeights out;
        out.query.matrix = view(at[0]);
        out.key.matrix = view(at[1]);
        out.value.matrix = view(at[2]);
        out.output.matrix = view(at[3]);
        if (layers[i].config.ffnSize > 0) {
            out.gate.matrix = view(at[4]);
            out.up.matrix = view(at[5]);
            out.down.matrix = view(at[6]);
        }
        weights.layers.push_back(out);
    }
    model->tokenizer = makeTokenizerData();
    const auto bytes = std::as_bytes(std::span(*floats));
    const std::string hash = sha256(bytes);
    model->identity = {kBuiltinNeedleName, hash, bytes.size(), floats->size(), "Apache-2.0", hash};
    return model;
}

} // namespace headwater
