// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/float_weights.h"

#include "core/base/mapped_file.h"
#include "core/model/dequantize.h"
#include "core/record/head_shape.h"

#include <algorithm>

namespace headwater {

FloatWeights::FloatWeights(Arena& arena, ThreadPool& pool)
    : m_arena(arena)
    , m_pool(pool)
{
}

void FloatWeights::setSource(const Weights& weights)
{
    m_source = &weights;
    m_layers.assign(weights.layers.size(), {});
}

Result<void> FloatWeights::makeAll()
{
    for (int layer = 0; layer < static_cast<int>(m_layers.size()); ++layer)
        HEADWATER_TRY(of(layer));
    return {};
}

Result<FloatLayer> FloatWeights::of(int layer)
{
    const auto at = static_cast<std::size_t>(layer);
    if (m_layers[at].memory)
        return m_layers[at];
    const LayerWeights& stored = m_source->layers[at];
    HEADWATER_TRY_ASSIGN(m_layers[at], made(stored));
    for (const auto& mapping : m_source->mappings)
        for (const WeightMatrix* matrix : stored.matrices())
            mapping->letGo(matrix->data);
    return m_layers[at];
}

std::uint64_t FloatWeights::bytes() const
{
    std::uint64_t bytes = 0;
    for (const FloatLayer& layer : m_layers)
        bytes += layer.bytes;
    return bytes;
}

Result<FloatLayer> FloatWeights::made(const LayerWeights& weights) const
{
    const auto matrices = weights.matrices();
    std::size_t elements = 0;
    for (const WeightMatrix* matrix : matrices)
        elements += matrix->elements();
    FloatLayer layer;
    layer.bytes = elements * sizeof(float);
    HEADWATER_TRY_ASSIGN(layer.memory, m_arena.allocate(layer.bytes));
    const float** const targets[matrices.size()] = {&layer.query, &layer.key, &layer.value, &layer.output,
                                                    &layer.gate,  &layer.up,  &layer.down};
    auto* next = reinterpret_cast<float*>(layer.memory.get());
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const WeightMatrix& matrix = *matrices[i];
        *targets[i] = next;
        m_pool.parallelFor((matrix.rows + kTileRows - 1) / kTileRows, [&](std::size_t tile, std::size_t) {
            const auto begin = static_cast<std::uint32_t>(tile * kTileRows);
            const std::uint32_t end = std::min(matrix.rows, begin + kTileRows);
            for (std::uint32_t row = begin; row < end; ++row)
                dequantizeRow(matrix, row, {next + static_cast<std::size_t>(row) * matrix.cols, matrix.cols});
        });
        next += matrix.elements();
    }
    return layer;
}

} // namespace headwater
