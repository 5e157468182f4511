// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/model/builtin/builtin_needle.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace headwater::test {

/// The tokens of a prompt: BOS and its bytes.
inline std::vector<std::int32_t> needleTokens(std::string_view text)
{
    std::vector<std::int32_t> ids = {needle::kBos};
    for (const char c : text)
        ids.push_back(static_cast<unsigned char>(c));
    return ids;
}

/// Runs builtin:needle over tokens and works the softmax of chosen rows out in double, apart from any
/// selection code. The last layer is never run for all rows, so a million tokens take O(T).
class NeedleRows {
public:
    NeedleRows(Backend& backend, std::shared_ptr<const Model> model)
        : m_backend(backend)
        , m_model(std::move(model))
    {
    }

    /// Queries of `rows` (ascending, absolute) are kept, of every layer.
    Result<void> run(std::span<const std::int32_t> ids, std::vector<std::uint32_t> rows)
    {
        m_rows = std::move(rows);
        m_layers.clear();
        const auto tokens = static_cast<std::uint32_t>(ids.size());
        const RowRange all{0, tokens, 0};
        const auto hidden = static_cast<std::size_t>(m_model->config.hiddenSize);
        HEADWATER_TRY_ASSIGN(m_residual, m_backend.allocate(tokens, hidden, ElementType::F32));
        HEADWATER_TRY(m_backend.embed(ids, all, m_residual));
        for (int layer = 0; layer < m_model->config.numLayers(); ++layer)
            HEADWATER_TRY(runLayer(layer, all));
        return {};
    }

    /// Softmax of one row of one head. Shape: [row + 1]; keys outside a window have 0.
    std::vector<double> probabilities(int layer, int head, std::uint32_t row) const
    {
        const LayerConfig& config = m_model->config.layers[static_cast<std::size_t>(layer)];
        const Layer& kept = m_layers[static_cast<std::size_t>(layer)];
        const auto dim = static_cast<std::size_t>(config.headDim);
        const float* query = &kept.queries[(indexOf(row) * static_cast<std::size_t>(config.numHeads)
                                            + static_cast<std::size_t>(head))
                                           * dim];
        std::vector<double> p(row + std::size_t{1}, 0.0);
        const bool sliding = config.kind == HeadKind::Sliding;
        const std::uint32_t first = sliding && row + 1 > config.window ? row + 1 - config.window : 0;
        double top = -INFINITY;
        for (std::uint32_t key = first; key <= row; ++key) {
            p[key] = dot(query, &kept.keys[key * dim], dim);
            top = std::max(top, p[key]);
        }
        double sum = 0;
        for (std::uint32_t key = first; key <= row; ++key)
            sum += p[key] = std::exp(p[key] - top);
        for (double& x : p)
            x /= sum;
        return p;
    }

    /// The token that follows a row, by dense attention in double.
    std::int32_t nextToken(std::uint32_t row) const
    {
        const int last = m_model->config.numLayers() - 1;
        const LayerConfig& config = m_model->config.layers.back();
        const auto dim = static_cast<std::size_t>(config.headDim);
        const auto hidden = static_cast<std::size_t>(m_model->config.hiddenSize);
        const std::size_t width = static_cast<std::size_t>(config.numHeads) * dim;
        std::vector<float> attended(width);
        for (int head = 0; head < config.numHeads; ++head) {
            const std::vector<double> p = probabilities(last, head, row);
            std::vector<double> sum(dim);
            for (std::size_t key = 0; key < p.size(); ++key) {
                for (std::size_t d = 0; d < dim; ++d)
                    sum[d] += p[key] * static_cast<double>(m_layers.back().values[key * dim + d]);
            }
            for (std::size_t d = 0; d < dim; ++d)
                attended[static_cast<std::size_t>(head) * dim + d] = static_cast<float>(sum[d]);
        }
        std::vector<float> x(m_before.begin() + static_cast<std::ptrdiff_t>(indexOf(row) * hidden),
                             m_before.begin() + static_cast<std::ptrdiff_t>((indexOf(row) + 1) * hidden));
        const float* output = floats(m_model->weights.layers.back().output.matrix);
        for (std::size_t d = 0; d < hidden; ++d)
            x[d] += static_cast<float>(dot(attended.data(), output + d * width, width));
        const float* unembedding = floats(m_model->weights.unembedding);
        std::vector<double> logits(static_cast<std::size_t>(m_model->config.vocabSize));
        for (std::size_t token = 0; token < logits.size(); ++token)
            logits[token] = dot(x.data(), unembedding + token * hidden, hidden);
        return static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
    }

private:
    struct Layer {
        std::vector<float> queries; ///< [m_rows, numHeads · headDim]
        std::vector<float> keys; ///< [tokens, headDim]; the model has one key head a layer
        std::vector<float> values; ///< of the last layer only
    };

    static const float* floats(const WeightMatrix& matrix)
    {
        return reinterpret_cast<const float*>(matrix.data.data());
    }

    static double dot(const float* a, const float* b, std::size_t n)
    {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i)
            sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        return sum;
    }

    std::size_t indexOf(std::uint32_t row) const
    {
        return static_cast<std::size_t>(std::ranges::find(m_rows, row) - m_rows.begin());
    }

    Result<void> runLayer(int layer, RowRange all)
    {
        const LayerConfig& config = m_model->config.layers[static_cast<std::size_t>(layer)];
        const bool last = layer + 1 == m_model->config.numLayers();
        const auto dim = static_cast<std::size_t>(config.headDim);
        const std::size_t width = static_cast<std::size_t>(config.numHeads) * dim;
        HEADWATER_TRY_ASSIGN(DeviceTensor keys, m_backend.allocate(all.count, dim, ElementType::F32));
        HEADWATER_TRY_ASSIGN(DeviceTensor values, m_backend.allocate(all.count, dim, ElementType::F32));
        HEADWATER_TRY(m_backend.projectKeysValues(layer, m_residual, all, keys, values, {}));
        Layer& kept = m_layers.emplace_back();
        kept.keys.resize(all.count * dim);
        HEADWATER_TRY(m_backend.download(keys, 0, all.count, kept.keys));
        kept.queries.resize(m_rows.size() * width);
        HEADWATER_TRY_ASSIGN(DeviceTensor query, m_backend.allocate(1, width, ElementType::F32));
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            HEADWATER_TRY(
                m_backend.projectQueries(layer, m_residual, {m_rows[i], 1, 0}, allHeads(config), query, {}));
            HEADWATER_TRY(m_backend.download(query, 0, 1, std::span(kept.queries).subspan(i * width, width)));
        }
        if (last) {
            kept.values.resize(all.count * dim);
            HEADWATER_TRY(m_backend.download(values, 0, all.count, kept.values));
            const auto hidden = static_cast<std::size_t>(m_model->config.hiddenSize);
            m_before.resize(m_rows.size() * hidden);
            for (std::size_t i = 0; i < m_rows.size(); ++i)
                HEADWATER_TRY(m_backend.download(m_residual, m_rows[i], 1,
                                                 std::span(m_before).subspan(i * hidden, hidden)));
            return {};
        }
        constexpr std::uint32_t kChunk = 4096;
        HEADWATER_TRY_ASSIGN(DeviceTensor queries, m_backend.allocate(kChunk, width, ElementType::F32));
        HEADWATER_TRY_ASSIGN(DeviceTensor attended, m_backend.allocate(kChunk, width, ElementType::F32));
        for (std::uint32_t first = 0; first < all.count; first += kChunk) {
            const RowRange chunk{first, std::min(kChunk, all.count - first), 0};
            AttentionRequest request;
            request.layer = layer;
            request.firstRow = first;
            request.rows = chunk.count;
            request.grid = defaultGrid(all.count);
            HEADWATER_TRY(m_backend.projectQueries(layer, m_residual, chunk, allHeads(config), queries, {}));
            HEADWATER_TRY(m_backend.attend(request, queries, keys, values, nullptr, attended, {}, {}));
            HEADWATER_TRY(m_backend.projectOutput(layer, attended, chunk, m_residual, {}));
            HEADWATER_TRY(m_backend.feedForward(layer, chunk, m_residual, {}));
        }
        return {};
    }

    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    std::vector<std::uint32_t> m_rows;
    std::vector<Layer> m_layers;
    DeviceTensor m_residual;
    std::vector<float> m_before; ///< [m_rows, hidden], the residual stream before the last layer
};

} // namespace headwater::test
