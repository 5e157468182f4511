// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/dense_layer.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/dense_math.h"
#include "core/backend/cpu/tensor_copy.h"
#include "core/backend/cpu/token_input.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>

namespace headwater {

DenseLayer::DenseLayer(const Model& model, int layer, ReadyLayer maps, TileWorkers& workers,
                       std::stop_token stop)
    : m_model(model)
    , m_layer(layer)
    , m_config(model.config.layers[static_cast<std::size_t>(layer)])
    , m_weights(model.weights.layers[static_cast<std::size_t>(layer)])
    , m_maps(std::move(maps))
    , m_workers(workers)
    , m_stop(std::move(stop))
{
}

const float* DenseLayer::normalised(const DeviceTensor& residual, std::uint32_t origin, TileRows tile,
                                    std::span<const float> weight, Scratch& scratch) const
{
    const float* const rows = floatRow(residual, tile.first - origin);
    if (weight.empty())
        return rows;
    float* const out = scratch.floats(tile.count * hidden());
    for (std::uint32_t row = 0; row < tile.count; ++row)
        rmsNorm(rows + row * hidden(), weight, m_model.config.normEpsilon, out + row * hidden());
    return out;
}

void DenseLayer::map(std::initializer_list<Mapped> maps, TileRows tile, const float* x,
                     Scratch& scratch) const
{
    if (tile.mode == RowMode::Decode) {
        projectRow(maps, x, m_workers.pool(), m_stop);
        return;
    }
    for (const Mapped& mapped : maps)
        project(mapped.weights, tile.count, x, mapped.y, scratch, false, m_stop);
}

void DenseLayer::addMapped(const float* x, const Projection& weights, std::span<const float> norm,
                           TileRows tile, float* residual, Scratch& scratch) const
{
    if (norm.empty() && tile.mode == RowMode::Prefill) {
        project(weights, tile.count, x, residual, scratch, true, m_stop);
        return;
    }
    float* const added = scratch.floats(tile.count * hidden());
    map({{weights, added}}, tile, x, scratch);
    normGroups(added, tile.count, hidden(), norm, m_model.config.normEpsilon);
    for (std::size_t i = 0; i < tile.count * hidden(); ++i)
        residual[i] += added[i];
}

void DenseLayer::forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body) const
{
    m_workers.forTiles(rows, body, m_stop);
}

Result<void> DenseLayer::verdict(const FiniteRows& finite, const char* what) const
{
    if (m_stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", m_layer)};
    return finite.verdict(m_layer, what);
}

Result<void> DenseLayer::projectKeysValues(const Rope& rope, const DeviceTensor& residual, RowRange rows,
                                           DeviceTensor& keys, DeviceTensor& values) const
{
    const std::size_t width = m_config.keyWidth();
    FiniteRows finite;
    std::atomic<bool> beyondHalf = false;
    const auto keep = [&](const float* computed, TileRows tile, DeviceTensor& to) {
        finite.look(computed, tile.first, tile.count, width);
        if (to.type() == ElementType::F16
            && !toHalves({computed, tile.count * width}, halfRow(to, tile.first)))
            beyondHalf = true;
    };
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        const auto room = [&](DeviceTensor& to) {
            return to.type() == ElementType::F32 ? floatRow(to, tile.first)
                                                 : scratch.floats(tile.count * width);
        };
        const float* const x = normalised(residual, rows.origin, tile, m_weights.attentionNorm, scratch);
        float* const k = room(keys);
        float* const v = room(values);
        if (m_config.valuesAreKeys) {
            map({{m_maps.key, k}}, tile, x, scratch);
            std::copy_n(k, tile.count * width, v);
        } else {
            map({{m_maps.key, k}, {m_maps.value, v}}, tile, x, scratch);
        }
        normGroups(k, tile.count, width, m_weights.keyNorm, m_model.config.normEpsilon);
        if (m_config.normsValues)
            normHeads(v, tile.count, width, static_cast<std::size_t>(m_config.headDim),
                      m_model.config.normEpsilon);
        rope.turn(tile.first, tile.count, k, width, m_config.numKvHeads, scratch);
        keep(k, tile, keys);
        keep(v, tile, values);
    });
    HEADWATER_TRY(verdict(finite, "keys and values"));
    return beyondHalf ? Result<void>(halfOverflow(fmt::format("layer {}", m_layer))) : Result<void>();
}

Result<void> DenseLayer::projectQueries(const Rope& rope, const DeviceTensor& residual, RowRange rows,
                                        HeadRange heads, DeviceTensor& queries) const
{
    const auto dim = static_cast<std::size_t>(m_config.headDim);
    const std::size_t width = static_cast<std::size_t>(heads.count) * dim;
    const std::size_t first = static_cast<std::size_t>(heads.first) * dim;
    // A norm over all of a row's queries needs them all, whichever are asked for.
    const bool needsAll = m_weights.queryNorm.size() > dim && width < m_config.queryWidth();
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        const float* const x = normalised(residual, rows.origin, tile, m_weights.attentionNorm, scratch);
        float* const q = floatRow(queries, tile.first - rows.first);
        if (needsAll) {
            const std::size_t all = m_config.queryWidth();
            float* const whole = scratch.floats(tile.count * all);
            map({{m_maps.query, whole}}, tile, x, scratch);
            normGroups(whole, tile.count, all, m_weights.queryNorm, m_model.config.normEpsilon);
            for (std::uint32_t i = 0; i < tile.count; ++i)
                std::copy_n(whole + i * all + first, width, q + i * width);
        } else {
            map({{m_maps.query.part(first, width), q}}, tile, x, scratch);
            normGroups(q, tile.count, width, m_weights.queryNorm, m_model.config.normEpsilon);
        }
        rope.turn(tile.first, tile.count, q, width, heads.count, scratch);
        for (std::uint32_t i = 0; i < tile.count; ++i) {
            float scale = m_config.attentionScale;
            if (!m_config.queryScale.isOne())
                scale *= static_cast<float>(m_config.queryScale.at(tile.first + i));
            for (std::size_t column = 0; column < width; ++column)
                q[i * width + column] *= scale;
        }
        finite.look(q, tile.first, tile.count, width);
    });
    return verdict(finite, "queries");
}

Result<void> DenseLayer::projectOutput(const DeviceTensor& attended, RowRange rows,
                                       DeviceTensor& residual) const
{
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        addMapped(floatRow(attended, tile.first - rows.first), m_maps.output, m_weights.attentionOutputNorm,
                  tile, floatRow(residual, tile.first - rows.origin), scratch);
    });
    return verdict({}, "hidden states");
}

Result<void> DenseLayer::feedForward(RowRange rows, DeviceTensor& residual) const
{
    const auto ffn = static_cast<std::size_t>(m_config.ffnSize);
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        float* const out = floatRow(residual, tile.first - rows.origin);
        if (ffn > 0) {
            const float* const x = normalised(residual, rows.origin, tile, m_weights.ffnNorm, scratch);
            float* const gate = scratch.floats(tile.count * ffn);
            float* const up = scratch.floats(tile.count * ffn);
            map({{m_maps.gate, gate}, {m_maps.up, up}}, tile, x, scratch);
            activateGate(m_model.config.activation, gate, up, tile.count * ffn);
            addMapped(gate, m_maps.down, m_weights.ffnOutputNorm, tile, out, scratch);
        }
        finite.look(out, tile.first, tile.count, hidden());
    });
    return verdict(finite, "hidden states");
}

bool DenseLayer::hasEnd(const Model& model, int layer)
{
    return model.config.layerInputSize > 0
        || !model.weights.layers[static_cast<std::size_t>(layer)].outputScale.empty();
}

Result<void> DenseLayer::end(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) const
{
    const auto size = static_cast<std::size_t>(m_model.config.layerInputSize);
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        float* const out = floatRow(residual, tile.first - rows.origin);
        if (size > 0) {
            float* const input = scratch.floats(tile.count * size);
            float* const gate = scratch.floats(tile.count * size);
            layerInput(m_model, m_layer, ids.subspan(tile.first - rows.first, tile.count), input, scratch,
                       [&](const float* x) {
                           map({{m_maps.inputContext, input}}, tile, x, scratch);
                       });
            map({{m_maps.inputGate, gate}}, tile, out, scratch);
            activateGate(m_model.config.activation, gate, input, tile.count * size);
            addMapped(gate, m_maps.inputProjection, m_weights.inputNorm, tile, out, scratch);
        }
        for (std::size_t i = 0; i < tile.count * hidden() && !m_weights.outputScale.empty(); ++i)
            out[i] *= m_weights.outputScale[0];
        finite.look(out, tile.first, tile.count, hidden());
    });
    return verdict(finite, "hidden states");
}

} // namespace headwater
