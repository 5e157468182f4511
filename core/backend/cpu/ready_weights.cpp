// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/ready_weights.h"

#include "core/base/mapped_file.h"
#include "core/model/dequantize.h"
#include "core/record/head_shape.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace headwater {
namespace {

std::array<Projection*, 10> projectionsOf(ReadyLayer& layer)
{
    return {&layer.query, &layer.key,  &layer.value,        &layer.output,    &layer.gate,
            &layer.up,    &layer.down, &layer.inputContext, &layer.inputGate, &layer.inputProjection};
}

ReadyLayer asStored(const LayerWeights& weights)
{
    const auto projection = [](const Linear& linear) {
        Projection made{linear.matrix, nullptr, linear.bias};
        if (linear.matrix.type == WeightType::F32) // aligned, as every file's data is
            made.floats = reinterpret_cast<const float*>(linear.matrix.data.data());
        return made;
    };
    ReadyLayer layer;
    layer.query = projection(weights.query);
    layer.key = projection(weights.key);
    layer.value = projection(weights.value);
    layer.output = projection(weights.output);
    layer.gate = projection(weights.gate);
    layer.up = projection(weights.up);
    layer.down = projection(weights.down);
    layer.inputContext = projection({weights.inputContext, {}});
    layer.inputGate = projection({weights.inputGate, {}});
    layer.inputProjection = projection({weights.inputProjection, {}});
    return layer;
}

} // namespace

ReadyWeights::ReadyWeights(Arena& arena, ThreadPool& pool)
    : m_arena(arena)
    , m_pool(pool)
{
}

void ReadyWeights::setSource(const Weights& weights, WeightForm form)
{
    m_source = &weights;
    m_form = form;
    m_layers.assign(weights.layers.size(), {});
    m_stored.clear();
    for (const LayerWeights& layer : weights.layers)
        m_stored.push_back(asStored(layer));
}

Result<void> ReadyWeights::makeAll(const std::stop_token& stop)
{
    for (int layer = 0; layer < static_cast<int>(m_layers.size()); ++layer)
        HEADWATER_TRY(of(layer, stop));
    return {};
}

Result<ReadyLayer> ReadyWeights::of(int layer, const std::stop_token& stop)
{
    const auto at = static_cast<std::size_t>(layer);
    if (m_form == WeightForm::Stored)
        return m_stored[at];
    if (m_layers[at].memory)
        return m_layers[at];
    ReadyLayer made = m_stored[at];
    HEADWATER_TRY(makeFloats(made, stop));
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", layer)};
    for (const auto& mapping : m_source->mappings)
        for (const WeightMatrix* matrix : m_source->layers[at].matrices())
            mapping->letGo(matrix->data);
    m_layers[at] = made;
    return made;
}

std::uint64_t ReadyWeights::bytes() const
{
    std::uint64_t bytes = 0;
    for (const ReadyLayer& layer : m_layers)
        bytes += layer.bytes;
    return bytes;
}

Result<void> ReadyWeights::makeFloats(ReadyLayer& layer, const std::stop_token& stop) const
{
    std::size_t elements = 0;
    for (const Projection* projection : projectionsOf(layer))
        elements += projection->stored.elements();
    layer.bytes = elements * sizeof(float);
    HEADWATER_TRY_ASSIGN(layer.memory, m_arena.allocate(layer.bytes));
    auto* next = reinterpret_cast<float*>(layer.memory.get());
    for (Projection* projection : projectionsOf(layer)) {
        const WeightMatrix& matrix = projection->stored;
        m_pool.parallelFor((matrix.rows + kTileRows - 1) / kTileRows,
                           [&](std::size_t tile, std::size_t) {
                               const auto begin = static_cast<std::uint32_t>(tile * kTileRows);
                               const std::uint32_t count =
                                   std::min(matrix.rows - begin, static_cast<std::uint32_t>(kTileRows));
                               dequantizeRows(matrix, begin, count, next + std::size_t{begin} * matrix.cols);
                           },
                           stop);
        projection->floats = next;
        next += matrix.elements();
    }
    return {};
}

} // namespace headwater
