// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "head_arrays.h"

#include <functional>
#include <utility>

namespace headwater::test {

/// What one layer of a model's dense forward gives to its attention. Shapes: queries [tokens, numHeads ·
/// headDim], keys and values [tokens, numKvHeads · headDim].
struct ModelLayer {
    int index = 0;
    std::uint32_t tokens = 0;
    LayerConfig config;
    DeviceTensor queries;
    DeviceTensor keys;
    DeviceTensor values;

    HeadShape shape(const SelectParams& select) const
    {
        return {{tokens, select.blockQ, select.blockK},
                config.kind,
                config.kind == HeadKind::Sliding ? config.window : 0};
    }
    bool isGlobal() const { return config.kind == HeadKind::Global; }
    int groupSize() const { return config.numHeads / config.numKvHeads; }

    HeadArrays head(int which) const
    {
        HeadArrays head{tokens, static_cast<std::uint32_t>(config.headDim), {}, {}, {}, config.scoreCap};
        copyHead(queries, which, head.queries);
        copyHead(keys, which / groupSize(), head.keys);
        copyHead(values, which / groupSize(), head.values);
        return head;
    }

private:
    void copyHead(const DeviceTensor& from, int which, std::vector<float>& to) const
    {
        const auto dim = static_cast<std::size_t>(config.headDim);
        to.resize(tokens * dim);
        for (std::size_t row = 0; row < tokens; ++row)
            std::copy_n(floatRow(from, row) + static_cast<std::size_t>(which) * dim, dim,
                        to.data() + row * dim);
    }
};

/// What the backend sees when it attends to all rows of a layer; `select` is resolved.
inline Result<std::vector<HeadObservation>> observeLayer(Backend& backend, const ModelLayer& layer,
                                                         const SelectParams& select, DeviceTensor& attended)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<KeyIndex> keyIndex,
                         backend.indexKeys(layer.index, layer.keys, layer.tokens, select, {}));
    AttentionRequest request;
    request.mode = select.propagation == Propagation::Propagated ? AttentionRequest::Mode::Propagated
                                                                 : AttentionRequest::Mode::Observed;
    request.layer = layer.index;
    request.rows = layer.tokens;
    request.select = select;
    request.grid = {layer.tokens, select.blockQ, select.blockK};
    HEADWATER_TRY_ASSIGN(attended, backend.allocate(layer.tokens, layer.queries.cols(), ElementType::F32));
    std::vector<HeadObservation> observations(static_cast<std::size_t>(layer.config.numHeads));
    HEADWATER_TRY(backend.attend(request, layer.queries, layer.keys, layer.values, keyIndex.get(), attended,
                                 observations, {}));
    HEADWATER_TRY(backend.probe(layer.index, layer.keys, observations, {}));
    return observations;
}

/// Runs a prompt through a model with the operations of ForwardPass::prefill, in one chunk (tst_model_heads
/// compares the bytes). `select` null: dense, nothing is observed. `onLayer` sees every layer until it
/// returns false.
inline Result<void>
runModel(Backend& backend, const Model& model, std::span<const std::int32_t> ids, const SelectParams* select,
         const std::function<Result<bool>(ModelLayer&&, std::vector<HeadObservation>&&)>& onLayer)
{
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    const RowRange all{0, tokens, 0};
    HEADWATER_TRY_ASSIGN(
        DeviceTensor residual,
        backend.allocate(tokens, static_cast<std::size_t>(model.config.hiddenSize), ElementType::F32));
    HEADWATER_TRY(backend.embed(ids, all, residual));
    for (int index = 0; index < model.config.numLayers(); ++index) {
        ModelLayer layer{index, tokens, model.config.layers[static_cast<std::size_t>(index)], {}, {}, {}};
        const auto dim = static_cast<std::size_t>(layer.config.headDim);
        const std::size_t width = static_cast<std::size_t>(layer.config.numHeads) * dim;
        const std::size_t keyWidth = static_cast<std::size_t>(layer.config.numKvHeads) * dim;
        HEADWATER_TRY_ASSIGN(layer.keys, backend.allocate(tokens, keyWidth, ElementType::F32));
        HEADWATER_TRY_ASSIGN(layer.values, backend.allocate(tokens, keyWidth, ElementType::F32));
        HEADWATER_TRY_ASSIGN(layer.queries, backend.allocate(tokens, width, ElementType::F32));
        HEADWATER_TRY(backend.projectKeysValues(index, residual, all, layer.keys, layer.values, {}));
        HEADWATER_TRY(
            backend.projectQueries(index, residual, all, allHeads(layer.config), layer.queries, {}));
        DeviceTensor attended;
        std::vector<HeadObservation> observations;
        if (select) {
            HEADWATER_TRY_ASSIGN(observations, observeLayer(backend, layer, *select, attended));
        } else {
            AttentionRequest request;
            request.layer = index;
            request.rows = tokens;
            request.grid = defaultGrid(tokens);
            HEADWATER_TRY_ASSIGN(attended, backend.allocate(tokens, width, ElementType::F32));
            HEADWATER_TRY(
                backend.attend(request, layer.queries, layer.keys, layer.values, nullptr, attended, {}, {}));
        }
        HEADWATER_TRY_ASSIGN(const bool goOn, onLayer(std::move(layer), std::move(observations)));
        if (!goOn || index + 1 == model.config.numLayers())
            break;
        HEADWATER_TRY(backend.projectOutput(index, attended, all, residual, {}));
        HEADWATER_TRY(backend.feedForward(index, all, residual, {}));
    }
    return {};
}

inline bool sameRecord(const HeadRecord& a, const HeadRecord& b)
{
    return sameBytes(a.rowPtr, b.rowPtr) && sameBytes(a.keyBlock, b.keyBlock) && sameBytes(a.mass, b.mass)
        && sameBytes(a.peak, b.peak) && sameBytes(a.peakAt, b.peakAt) && sameBytes(a.lse, b.lse)
        && sameBytes(a.missed, b.missed) && sameBytes(a.missedPeak, b.missedPeak);
}

inline bool sameProbes(const HeadObservation& a, const HeadObservation& b)
{
    return a.probePlan.rows == b.probePlan.rows && sameBytes(a.probes, b.probes);
}

/// The heads of one layer in another order: which old head each new place holds. Key heads go one place on,
/// and the query heads of every group do, too.
inline std::vector<int> movedHeads(const LayerConfig& config)
{
    const int group = config.numHeads / config.numKvHeads;
    std::vector<int> from;
    for (int kvHead = 0; kvHead < config.numKvHeads; ++kvHead)
        for (int i = 0; i < group; ++i)
            from.push_back((kvHead + 1) % config.numKvHeads * group + (i + 1) % group);
    return from;
}

/// The layer with its heads in the order `from` (movedHeads).
inline Result<ModelLayer> moveHeads(Backend& backend, const ModelLayer& layer, const std::vector<int>& from)
{
    const auto dim = static_cast<std::size_t>(layer.config.headDim);
    const auto move = [&](const DeviceTensor& tensor, std::size_t group) -> Result<DeviceTensor> {
        HEADWATER_TRY_ASSIGN(DeviceTensor moved,
                             backend.allocate(layer.tokens, tensor.cols(), ElementType::F32));
        for (std::size_t place = 0; place < tensor.cols() / dim; ++place) {
            const std::size_t old = static_cast<std::size_t>(from[place * group]) / group;
            for (std::size_t row = 0; row < layer.tokens; ++row)
                std::copy_n(floatRow(tensor, row) + old * dim, dim, floatRow(moved, row) + place * dim);
        }
        return moved;
    };
    const auto group = static_cast<std::size_t>(layer.groupSize());
    ModelLayer moved = layer;
    HEADWATER_TRY_ASSIGN(moved.queries, move(layer.queries, 1));
    HEADWATER_TRY_ASSIGN(moved.keys, move(layer.keys, group));
    HEADWATER_TRY_ASSIGN(moved.values, move(layer.values, group));
    return moved;
}

} // namespace headwater::test
