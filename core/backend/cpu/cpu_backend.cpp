// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_backend.h"

#include "core/backend/cpu/cpu_attention.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/cpu/cpu_prediction.h"
#include "core/backend/cpu/cpu_rows.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/dense_layer.h"
#include "core/backend/cpu/ready_weights.h"
#include "core/backend/cpu/rope.h"
#include "core/backend/cpu/tensor_copy.h"
#include "core/backend/cpu/tile_workers.h"
#include "core/backend/cpu/token_input.h"
#include "core/backend/cpu/unembedding.h"
#include "core/base/gemm.h"

#include <fmt/format.h>

namespace headwater {
namespace {

class CpuBackend final : public Backend {
public:
    CpuBackend(std::size_t threads, Arena::Poison poison)
        : m_arena(poison)
        , m_workers(threads, poison)
        , m_weights(m_arena, m_workers.pool())
    {
        prepareGemm(); // before the weights and a prompt take the memory
    }

    std::string name() const override { return m_arena.poisons() ? "cpu-poisoned" : "cpu"; }
    std::string description() const override
    {
        return fmt::format("{}, {} thread{}", gemmLibrary(), m_workers.size(),
                           m_workers.size() == 1 ? "" : "s");
    }

    Plan plan(const Model& model, const PlanRequest& request) const override;
    double seconds(const Model& model, const DeviceWork& work) const override
    {
        return CpuPlanner(m_workers.size()).seconds(model, work); // the pool may be at work
    }
    Result<void> uploadWeights(std::shared_ptr<const Model> model, WeightForm form,
                               std::stop_token stop) override;
    Result<DeviceTensor> allocate(std::size_t rows, std::size_t cols, ElementType type) override;
    Result<DeviceTensor> allocateIn(ScratchFile& scratch, std::size_t rows, std::size_t cols,
                                    ElementType type) override;
    Result<void> embed(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) override;
    Result<void> projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows, DeviceTensor& keys,
                                   DeviceTensor& values, std::stop_token stop) override;
    Result<void> projectQueries(int layer, const DeviceTensor& residual, RowRange rows, HeadRange heads,
                                DeviceTensor& queries, std::stop_token stop) override;
    Result<void> rowProbabilities(const RowsRequest& request, const DeviceTensor& queries,
                                  const DeviceTensor& keys, std::span<float> p, std::span<float> lse,
                                  std::stop_token stop) override;
    Result<std::shared_ptr<KeyIndex>> indexKeys(int layer, const DeviceTensor& keys, std::uint32_t numKeys,
                                                const SelectParams& select, std::stop_token stop) override;
    Result<std::shared_ptr<KeyIndex>> extendIndex(const KeyIndex& index, int layer, const DeviceTensor& keys,
                                                  std::uint32_t numKeys) override;
    Result<void> attend(const AttentionRequest& request, const DeviceTensor& queries,
                        const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                        DeviceTensor& attended, std::span<HeadObservation> observations,
                        std::stop_token stop) override;
    Result<void> probe(int layer, const DeviceTensor& keys, std::span<HeadObservation> observations,
                       std::stop_token stop) override;
    Result<void> projectOutput(int layer, const DeviceTensor& attended, RowRange rows, DeviceTensor& residual,
                               std::stop_token stop) override;
    Result<void> feedForward(int layer, RowRange rows, DeviceTensor& residual, std::stop_token stop) override;
    Result<void> endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual,
                          std::stop_token stop) override;
    void releaseWeights(int layer) override { m_weights.release(layer); }
    Result<void> logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                        std::span<const std::uint32_t> rows, std::span<float> out) override;
    Result<void> predict(const DeviceTensor& residual, RowRange rows, std::span<const std::int32_t> following,
                         std::span<RowPrediction> out, std::stop_token stop) override;
    Result<void> copyRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count, DeviceTensor& to,
                          std::size_t toRow) override;
    Result<void> download(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                          std::span<float> out) override;

private:
    /// A layer with its maps in the form that a mode reads them in, for one operation. Errors: as
    /// ReadyWeights::of.
    Result<DenseLayer> layerOf(int layer, RowMode mode, std::stop_token stop);
    const Rope& ropeOf(int layer, RowRange rows)
    {
        return m_ropes.of(layerConfig(layer).rotary, rows.first + rows.count);
    }
    const LayerConfig& layerConfig(int layer) const
    {
        return m_model->config.layers[static_cast<std::size_t>(layer)];
    }
    std::size_t hidden() const { return static_cast<std::size_t>(m_model->config.hiddenSize); }

    Arena m_arena;
    TileWorkers m_workers;
    std::shared_ptr<const Model> m_model;
    ReadyWeights m_weights;
    RopeTables m_ropes;
};

Result<DenseLayer> CpuBackend::layerOf(int layer, RowMode mode, std::stop_token stop)
{
    if (mode == RowMode::Decode)
        return DenseLayer(*m_model, layer, m_weights.stored(layer), m_workers, std::move(stop));
    HEADWATER_TRY_ASSIGN(ReadyLayer maps, m_weights.of(layer, stop));
    return DenseLayer(*m_model, layer, std::move(maps), m_workers, std::move(stop));
}

Plan CpuBackend::plan(const Model& model, const PlanRequest& request) const
{
    Plan plan = CpuPlanner(m_workers.size()).plan(model, request);
    plan.residentBytes = m_weights.bytes();
    return plan;
}

Result<void> CpuBackend::uploadWeights(std::shared_ptr<const Model> model, WeightForm form,
                                       std::stop_token stop)
{
    if (m_model != model)
        m_ropes.clear();
    if (m_model != model || m_weights.form() != form) {
        m_model = std::move(model);
        m_weights.setSource(m_model->weights, form);
    }
    return m_weights.makeAll(stop);
}

Result<DeviceTensor> CpuBackend::allocate(std::size_t rows, std::size_t cols, ElementType type)
{
    HEADWATER_TRY_ASSIGN(auto memory, m_arena.allocate(rows * cols * elementBytes(type)));
    return DeviceTensor(std::make_shared<CpuStorage>(std::move(memory)), rows, cols, type);
}

Result<DeviceTensor> CpuBackend::allocateIn(ScratchFile& scratch, std::size_t rows, std::size_t cols,
                                            ElementType type)
{
    HEADWATER_TRY_ASSIGN(auto memory, scratch.take(rows * cols * elementBytes(type)));
    return DeviceTensor(std::make_shared<CpuStorage>(std::move(memory)), rows, cols, type);
}

Result<void> CpuBackend::embed(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual)
{
    if (!m_model)
        return Error{ErrorCode::Internal, "no weights were uploaded", "embed"};
    m_workers.forTiles(rows, [&](TileRows tile, Scratch&) {
        embedTokens(*m_model, ids.subspan(tile.first - rows.first, tile.count),
                    floatRow(residual, tile.first - rows.origin));
    });
    return {};
}

Result<void> CpuBackend::projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows,
                                           DeviceTensor& keys, DeviceTensor& values, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const DenseLayer dense, layerOf(layer, rows.mode, std::move(stop)));
    return dense.projectKeysValues(ropeOf(layer, rows), residual, rows, keys, values);
}

Result<void> CpuBackend::projectQueries(int layer, const DeviceTensor& residual, RowRange rows,
                                        HeadRange heads, DeviceTensor& queries, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const DenseLayer dense, layerOf(layer, rows.mode, std::move(stop)));
    return dense.projectQueries(ropeOf(layer, rows), residual, rows, heads, queries);
}

Result<std::shared_ptr<KeyIndex>> CpuBackend::indexKeys(int layer, const DeviceTensor& keys,
                                                        std::uint32_t numKeys, const SelectParams& select,
                                                        std::stop_token stop)
{
    return buildKeyIndex(layerConfig(layer), layer, keys, numKeys, select, m_workers.pool(), std::move(stop));
}

Result<std::shared_ptr<KeyIndex>> CpuBackend::extendIndex(const KeyIndex& index, int layer,
                                                          const DeviceTensor& keys, std::uint32_t numKeys)
{
    return extendKeyIndex(index, layerConfig(layer), keys, numKeys);
}

Result<void> CpuBackend::attend(const AttentionRequest& request, const DeviceTensor& queries,
                                const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                                DeviceTensor& attended, std::span<HeadObservation> observations,
                                std::stop_token stop)
{
    return attendLayer(layerConfig(request.layer), request, queries, keys, values, index, attended,
                       observations, m_workers.pool(), std::move(stop));
}

Result<void> CpuBackend::rowProbabilities(const RowsRequest& request, const DeviceTensor& queries,
                                          const DeviceTensor& keys, std::span<float> p, std::span<float> lse,
                                          std::stop_token stop)
{
    return layerRowProbabilities(layerConfig(request.layer), request, queries, keys, p, lse, m_workers.pool(),
                                 std::move(stop));
}

Result<void> CpuBackend::probe(int layer, const DeviceTensor& keys, std::span<HeadObservation> observations,
                               std::stop_token stop)
{
    return probeLayer(layerConfig(layer), keys, observations, m_workers.pool(), std::move(stop));
}

Result<void> CpuBackend::projectOutput(int layer, const DeviceTensor& attended, RowRange rows,
                                       DeviceTensor& residual, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const DenseLayer dense, layerOf(layer, rows.mode, std::move(stop)));
    return dense.projectOutput(attended, rows, residual);
}

Result<void> CpuBackend::feedForward(int layer, RowRange rows, DeviceTensor& residual, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const DenseLayer dense, layerOf(layer, rows.mode, std::move(stop)));
    return dense.feedForward(rows, residual);
}

Result<void> CpuBackend::endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows,
                                  DeviceTensor& residual, std::stop_token stop)
{
    if (!DenseLayer::hasEnd(*m_model, layer))
        return {};
    HEADWATER_TRY_ASSIGN(const DenseLayer dense, layerOf(layer, rows.mode, std::move(stop)));
    return dense.end(ids, rows, residual);
}

Result<void> CpuBackend::logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                                std::span<const std::uint32_t> rows, std::span<float> out)
{
    HEADWATER_TRY_ASSIGN(const auto memory, m_arena.allocate(rows.size() * hidden() * sizeof(float)));
    auto* const x = reinterpret_cast<float*>(memory.get());
    for (std::size_t i = 0; i < rows.size(); ++i)
        finalNorm(*m_model, floatRow(residual, rows[i] - origin), x + i * hidden());
    unembed(*m_model, x, rows.size(), mode, out.data(), m_workers);
    return {};
}

Result<void> CpuBackend::predict(const DeviceTensor& residual, RowRange rows,
                                 std::span<const std::int32_t> following, std::span<RowPrediction> out,
                                 std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const auto memory, m_arena.allocate(rows.count * hidden() * sizeof(float)));
    auto* const x = reinterpret_cast<float*>(memory.get());
    m_workers.forTiles(rows, [&](TileRows tile, Scratch&) {
        for (std::uint32_t row = tile.first; row < tile.first + tile.count; ++row)
            finalNorm(*m_model, floatRow(residual, row - rows.origin), x + (row - rows.first) * hidden());
    });
    return predictRows(m_model->weights.unembedding, m_model->config.logitCap, x, rows, following, out,
                       m_workers, std::move(stop));
}

Result<void> CpuBackend::copyRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                                  DeviceTensor& to, std::size_t toRow)
{
    return copyTensorRows(from, fromRow, count, to, toRow);
}

Result<void> CpuBackend::download(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                                  std::span<float> out)
{
    floatsOfRows(from, fromRow, count, out);
    return {};
}

} // namespace

std::unique_ptr<Backend> makeCpuBackend(std::size_t threads, Arena::Poison poison)
{
    return std::make_unique<CpuBackend>(threads, poison);
}

} // namespace headwater
