// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_backend.h"

#include "core/backend/cpu/cpu_attention.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/cpu/cpu_prediction.h"
#include "core/backend/cpu/cpu_rows.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/dense_math.h"
#include "core/backend/cpu/finite_rows.h"
#include "core/backend/cpu/ready_weights.h"
#include "core/backend/cpu/rope.h"
#include "core/backend/cpu/tensor_copy.h"
#include "core/backend/cpu/token_input.h"
#include "core/base/gemm.h"
#include "core/model/dequantize.h"
#include "core/select/scores.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>
#include <map>

namespace headwater {
namespace {

class CpuBackend final : public Backend {
public:
    CpuBackend(std::size_t threads, Arena::Poison poison)
        : m_arena(poison)
        , m_pool(threads)
        , m_scratch(m_pool.size())
        , m_weights(m_arena, m_pool)
    {
        prepareGemm(); // before the weights and a prompt take the memory
    }

    std::string name() const override { return m_arena.poisons() ? "cpu-poisoned" : "cpu"; }
    std::string description() const override
    {
        return fmt::format("{}, {} thread{}", gemmLibrary(), m_pool.size(), m_pool.size() == 1 ? "" : "s");
    }

    Plan plan(const Model& model, const PlanRequest& request) const override;
    Result<void> uploadWeights(std::shared_ptr<const Model> model, WeightForm form) override;
    Result<DeviceTensor> allocate(std::size_t rows, std::size_t cols, ElementType type) override;
    Result<DeviceTensor> allocateIn(ScratchFile& scratch, std::size_t rows, std::size_t cols,
                                    ElementType type) override;
    Result<void> embed(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) override;
    Result<void> projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows, DeviceTensor& keys,
                                   DeviceTensor& values, std::stop_token stop) override;
    Result<void> projectQueries(int layer, const DeviceTensor& residual, RowRange rows, HeadRange heads,
                                DeviceTensor& queries) override;
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
    Result<void> projectOutput(int layer, const DeviceTensor& attended, RowRange rows,
                               DeviceTensor& residual) override;
    Result<void> feedForward(int layer, RowRange rows, DeviceTensor& residual) override;
    Result<void> endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows,
                          DeviceTensor& residual) override;
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
    /// A part of a row range inside one absolute 256-row tile.
    struct TileRows {
        std::uint32_t first;
        std::uint32_t count;
        RowMode mode;
    };

    /// Runs `body(tile, worker scratch)` over the tiles of a row range, scratch fresh for every tile; rows
    /// that are decoded are tiles of one row, one after the other on this thread: their products alone are
    /// shared out.
    void forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body,
                  std::stop_token stop = {});

    /// The normalised rows [tile.count, hidden]: the residual itself where there is no norm.
    const float* normalised(const DeviceTensor& residual, std::uint32_t origin, TileRows tile,
                            std::span<const float> weight, Scratch& scratch) const;
    /// The maps of a tile's rows, which all read x. Shape: x [tile.count, in].
    void projectTile(std::initializer_list<Mapped> maps, TileRows tile, const float* x, Scratch& scratch);
    /// residual[tile] += norm(x · Wᵀ + bias). Shape: x [tile.count, in].
    void addProjected(const float* x, const Projection& weights, std::span<const float> norm, TileRows tile,
                      float* residual, Scratch& scratch);
    /// A layer's maps in the form that a mode reads them in.
    Result<ReadyLayer> weightsOf(int layer, RowMode mode);
    /// Logits of the slices of the vocabulary, widened slice by slice. Shape: x [rows, hidden], out [rows,
    /// vocab].
    void unembed(const float* x, std::size_t rows, float* out);
    /// Turns the heads of every row of a tile. Shape: vectors [tile.count, width].
    static void turn(const Rope& rope, TileRows tile, float* vectors, std::size_t width, int heads,
                     Scratch& scratch);
    /// One row behind the last layer, as the unembedding takes it. Shape: [hidden] each.
    void finalNorm(const float* row, float* out) const;
    /// Rotary tables of one layer that reach `positions`.
    const Rope& ropeOf(int layer, std::uint32_t positions);
    const LayerConfig& layerConfig(int layer) const
    {
        return m_model->config.layers[static_cast<std::size_t>(layer)];
    }
    const LayerWeights& layerWeights(int layer) const
    {
        return m_model->weights.layers[static_cast<std::size_t>(layer)];
    }
    std::size_t hidden() const { return static_cast<std::size_t>(m_model->config.hiddenSize); }

    Arena m_arena;
    ThreadPool m_pool;
    std::vector<Scratch> m_scratch; ///< one a worker
    std::shared_ptr<const Model> m_model;
    ReadyWeights m_weights;
    struct CachedRope {
        std::uint32_t positions;
        Rope rope;
    };
    std::map<Rotary, CachedRope> m_ropes; ///< layers that turn alike share one table
};

void CpuBackend::forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body,
                          std::stop_token stop)
{
    if (rows.mode == RowMode::Decode) {
        for (std::uint32_t row = rows.first; row < rows.first + rows.count; ++row) {
            m_scratch.front().reset(m_arena.poisons());
            body({row, 1, rows.mode}, m_scratch.front());
        }
        return;
    }
    const std::uint32_t firstTile = rows.first / kTileRows;
    const std::uint32_t endTile = (rows.first + rows.count + kTileRows - 1) / kTileRows;
    m_pool.parallelFor(
        endTile - firstTile,
        [&](std::size_t index, std::size_t worker) {
            const std::uint32_t tile = firstTile + static_cast<std::uint32_t>(index);
            const std::uint32_t begin = std::max(rows.first, tile * kTileRows);
            const std::uint32_t end = std::min(rows.first + rows.count, (tile + 1) * kTileRows);
            m_scratch[worker].reset(m_arena.poisons());
            body({begin, end - begin, rows.mode}, m_scratch[worker]);
        },
        std::move(stop));
}

const float* CpuBackend::normalised(const DeviceTensor& residual, std::uint32_t origin, TileRows tile,
                                    std::span<const float> weight, Scratch& scratch) const
{
    const float* const rows = floatRow(residual, tile.first - origin);
    if (weight.empty())
        return rows;
    float* const out = scratch.floats(tile.count * hidden());
    for (std::uint32_t row = 0; row < tile.count; ++row)
        rmsNorm(rows + row * hidden(), weight, m_model->config.normEpsilon, out + row * hidden());
    return out;
}

Result<ReadyLayer> CpuBackend::weightsOf(int layer, RowMode mode)
{
    if (mode == RowMode::Decode)
        return m_weights.stored(layer);
    return m_weights.of(layer);
}

void CpuBackend::projectTile(std::initializer_list<Mapped> maps, TileRows tile, const float* x,
                             Scratch& scratch)
{
    if (tile.mode == RowMode::Decode) {
        projectRow(maps, x, m_pool);
        return;
    }
    for (const Mapped& map : maps)
        project(map.weights, tile.count, x, map.y, scratch);
}

void CpuBackend::addProjected(const float* x, const Projection& weights, std::span<const float> norm,
                              TileRows tile, float* residual, Scratch& scratch)
{
    if (norm.empty() && tile.mode == RowMode::Prefill) {
        project(weights, tile.count, x, residual, scratch, true);
        return;
    }
    float* const added = scratch.floats(tile.count * hidden());
    projectTile({{weights, added}}, tile, x, scratch);
    normGroups(added, tile.count, hidden(), norm, m_model->config.normEpsilon);
    for (std::size_t i = 0; i < tile.count * hidden(); ++i)
        residual[i] += added[i];
}

void CpuBackend::finalNorm(const float* row, float* out) const
{
    if (m_model->weights.outputNorm.empty())
        std::copy_n(row, hidden(), out);
    else
        rmsNorm(row, m_model->weights.outputNorm, m_model->config.normEpsilon, out);
}

const Rope& CpuBackend::ropeOf(int layer, std::uint32_t positions)
{
    const LayerConfig& config = layerConfig(layer);
    const auto found = m_ropes.find(config.rotary);
    if (found != m_ropes.end() && found->second.positions >= positions)
        return found->second.rope;
    const auto inserted =
        m_ropes.insert_or_assign(config.rotary, CachedRope{positions, Rope(config.rotary, positions)});
    return inserted.first->second.rope;
}

void CpuBackend::turn(const Rope& rope, TileRows tile, float* vectors, std::size_t width, int heads,
                      Scratch& scratch)
{
    const std::size_t pairs = rope.pairs();
    float* const cosines = scratch.floats(tile.count * pairs);
    float* const sines = scratch.floats(tile.count * pairs);
    rope.tile(tile.first, tile.count, cosines, sines);
    for (std::uint32_t i = 0; i < tile.count; ++i)
        rope.rotate(cosines + i * pairs, sines + i * pairs, vectors + i * width, heads,
                    width / static_cast<std::size_t>(heads));
}

Plan CpuBackend::plan(const Model& model, const PlanRequest& request) const
{
    Plan plan = CpuPlanner(m_pool.size()).plan(model, request);
    plan.residentBytes = m_weights.bytes();
    return plan;
}

Result<void> CpuBackend::uploadWeights(std::shared_ptr<const Model> model, WeightForm form)
{
    if (m_model != model)
        m_ropes.clear();
    if (m_model != model || m_weights.form() != form) {
        m_model = std::move(model);
        m_weights.setSource(m_model->weights, form);
    }
    return m_weights.makeAll();
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
    forTiles(rows, [&](TileRows tile, Scratch&) {
        embedTokens(*m_model, ids.subspan(tile.first - rows.first, tile.count),
                    floatRow(residual, tile.first - rows.origin));
    });
    return {};
}

Result<void> CpuBackend::projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows,
                                           DeviceTensor& keys, DeviceTensor& values, std::stop_token stop)
{
    const LayerConfig& config = layerConfig(layer);
    const LayerWeights& parts = layerWeights(layer);
    HEADWATER_TRY_ASSIGN(const ReadyLayer weights, weightsOf(layer, rows.mode));
    const Rope& rope = ropeOf(layer, rows.first + rows.count);
    const std::size_t width = config.keyWidth();
    FiniteRows finite;
    std::atomic<bool> beyondHalf = false;
    const auto keep = [&](const float* computed, TileRows tile, DeviceTensor& to) {
        finite.look(computed, tile.first, tile.count, width);
        if (to.type() == ElementType::F16
            && !toHalves({computed, tile.count * width}, halfRow(to, tile.first)))
            beyondHalf = true;
    };
    forTiles(
        rows,
        [&](TileRows tile, Scratch& scratch) {
            const auto room = [&](DeviceTensor& to) {
                return to.type() == ElementType::F32 ? floatRow(to, tile.first)
                                                     : scratch.floats(tile.count * width);
            };
            const float* const x = normalised(residual, rows.origin, tile, parts.attentionNorm, scratch);
            float* const k = room(keys);
            float* const v = room(values);
            if (config.valuesAreKeys) {
                projectTile({{weights.key, k}}, tile, x, scratch);
                std::copy_n(k, tile.count * width, v);
            } else {
                projectTile({{weights.key, k}, {weights.value, v}}, tile, x, scratch);
            }
            normGroups(k, tile.count, width, parts.keyNorm, m_model->config.normEpsilon);
            if (config.normsValues)
                normHeads(v, tile.count, width, static_cast<std::size_t>(config.headDim),
                          m_model->config.normEpsilon);
            turn(rope, tile, k, width, config.numKvHeads, scratch);
            keep(k, tile, keys);
            keep(v, tile, values);
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", layer)};
    HEADWATER_TRY(finite.verdict(layer, "keys and values"));
    return beyondHalf ? Result<void>(halfOverflow(fmt::format("layer {}", layer))) : Result<void>();
}

Result<void> CpuBackend::projectQueries(int layer, const DeviceTensor& residual, RowRange rows,
                                        HeadRange heads, DeviceTensor& queries)
{
    const LayerConfig& config = layerConfig(layer);
    const LayerWeights& parts = layerWeights(layer);
    const auto dim = static_cast<std::size_t>(config.headDim);
    HEADWATER_TRY_ASSIGN(const ReadyLayer weights, weightsOf(layer, rows.mode));
    const Rope& rope = ropeOf(layer, rows.first + rows.count);
    const std::size_t width = static_cast<std::size_t>(heads.count) * dim;
    const std::size_t first = static_cast<std::size_t>(heads.first) * dim;
    // A norm over all of a row's queries needs them all, whichever are asked for.
    const bool needsAll = parts.queryNorm.size() > dim && width < config.queryWidth();
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        const float* const x = normalised(residual, rows.origin, tile, parts.attentionNorm, scratch);
        float* const q = floatRow(queries, tile.first - rows.first);
        if (needsAll) {
            const std::size_t all = config.queryWidth();
            float* const whole = scratch.floats(tile.count * all);
            projectTile({{weights.query, whole}}, tile, x, scratch);
            normGroups(whole, tile.count, all, parts.queryNorm, m_model->config.normEpsilon);
            for (std::uint32_t i = 0; i < tile.count; ++i)
                std::copy_n(whole + i * all + first, width, q + i * width);
        } else {
            projectTile({{weights.query.part(first, width), q}}, tile, x, scratch);
            normGroups(q, tile.count, width, parts.queryNorm, m_model->config.normEpsilon);
        }
        turn(rope, tile, q, width, heads.count, scratch);
        for (std::uint32_t i = 0; i < tile.count; ++i) {
            float scale = config.attentionScale;
            if (!config.queryScale.isOne())
                scale *= static_cast<float>(config.queryScale.at(tile.first + i));
            for (std::size_t column = 0; column < width; ++column)
                q[i * width + column] *= scale;
        }
        finite.look(q, tile.first, tile.count, width);
    });
    return finite.verdict(layer, "queries");
}

Result<std::shared_ptr<KeyIndex>> CpuBackend::indexKeys(int layer, const DeviceTensor& keys,
                                                        std::uint32_t numKeys, const SelectParams& select,
                                                        std::stop_token stop)
{
    return buildKeyIndex(layerConfig(layer), layer, keys, numKeys, select, m_pool, std::move(stop));
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
                       observations, m_pool, std::move(stop));
}

Result<void> CpuBackend::rowProbabilities(const RowsRequest& request, const DeviceTensor& queries,
                                          const DeviceTensor& keys, std::span<float> p, std::span<float> lse,
                                          std::stop_token stop)
{
    return layerRowProbabilities(layerConfig(request.layer), request, queries, keys, p, lse, m_pool,
                                 std::move(stop));
}

Result<void> CpuBackend::probe(int layer, const DeviceTensor& keys, std::span<HeadObservation> observations,
                               std::stop_token stop)
{
    return probeLayer(layerConfig(layer), keys, observations, m_pool, std::move(stop));
}

Result<void> CpuBackend::projectOutput(int layer, const DeviceTensor& attended, RowRange rows,
                                       DeviceTensor& residual)
{
    const LayerWeights& parts = layerWeights(layer);
    HEADWATER_TRY_ASSIGN(const ReadyLayer weights, weightsOf(layer, rows.mode));
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        addProjected(floatRow(attended, tile.first - rows.first), weights.output, parts.attentionOutputNorm,
                     tile, floatRow(residual, tile.first - rows.origin), scratch);
    });
    return {};
}

Result<void> CpuBackend::feedForward(int layer, RowRange rows, DeviceTensor& residual)
{
    const LayerWeights& parts = layerWeights(layer);
    const auto ffn = static_cast<std::size_t>(layerConfig(layer).ffnSize);
    HEADWATER_TRY_ASSIGN(const ReadyLayer weights, weightsOf(layer, rows.mode));
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        float* const out = floatRow(residual, tile.first - rows.origin);
        if (ffn > 0) {
            const float* const x = normalised(residual, rows.origin, tile, parts.ffnNorm, scratch);
            float* const gate = scratch.floats(tile.count * ffn);
            float* const up = scratch.floats(tile.count * ffn);
            projectTile({{weights.gate, gate}, {weights.up, up}}, tile, x, scratch);
            activateGate(m_model->config.activation, gate, up, tile.count * ffn);
            addProjected(gate, weights.down, parts.ffnOutputNorm, tile, out, scratch);
        }
        finite.look(out, tile.first, tile.count, hidden());
    });
    return finite.verdict(layer, "hidden states");
}

Result<void> CpuBackend::endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows,
                                  DeviceTensor& residual)
{
    const LayerWeights& parts = layerWeights(layer);
    const auto size = static_cast<std::size_t>(m_model->config.layerInputSize);
    if (size == 0 && parts.outputScale.empty())
        return {};
    HEADWATER_TRY_ASSIGN(const ReadyLayer weights, weightsOf(layer, rows.mode));
    FiniteRows finite;
    forTiles(rows, [&](TileRows tile, Scratch& scratch) {
        float* const out = floatRow(residual, tile.first - rows.origin);
        if (size > 0) {
            float* const input = scratch.floats(tile.count * size);
            float* const gate = scratch.floats(tile.count * size);
            layerInput(*m_model, layer, ids.subspan(tile.first - rows.first, tile.count), input, scratch,
                       [&](const float* x) {
                           projectTile({{weights.inputContext, input}}, tile, x, scratch);
                       });
            projectTile({{weights.inputGate, gate}}, tile, out, scratch);
            activateGate(m_model->config.activation, gate, input, tile.count * size);
            addProjected(gate, weights.inputProjection, parts.inputNorm, tile, out, scratch);
        }
        for (std::size_t i = 0; i < tile.count * hidden() && !parts.outputScale.empty(); ++i)
            out[i] *= parts.outputScale[0];
        finite.look(out, tile.first, tile.count, hidden());
    });
    return finite.verdict(layer, "hidden states");
}

Result<void> CpuBackend::logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                                std::span<const std::uint32_t> rows, std::span<float> out)
{
    const std::size_t vocab = m_model->weights.unembedding.rows;
    HEADWATER_TRY_ASSIGN(const auto memory, m_arena.allocate(rows.size() * hidden() * sizeof(float)));
    auto* const x = reinterpret_cast<float*>(memory.get());
    for (std::size_t i = 0; i < rows.size(); ++i)
        finalNorm(floatRow(residual, rows[i] - origin), x + i * hidden());
    if (mode == RowMode::Prefill) {
        unembed(x, rows.size(), out.data());
    } else {
        const Projection unembedding{m_model->weights.unembedding, nullptr, {}};
        for (std::size_t i = 0; i < rows.size(); ++i)
            projectRow(std::array{Mapped{unembedding, out.data() + i * vocab}}, x + i * hidden(), m_pool);
    }
    if (m_model->config.logitCap > 0)
        softCap(m_model->config.logitCap, out.data(), rows.size() * vocab);
    return {};
}

void CpuBackend::unembed(const float* x, std::size_t rows, float* out)
{
    const WeightMatrix& unembedding = m_model->weights.unembedding;
    constexpr std::size_t kSlice = kVocabularySlice;
    const std::size_t vocab = unembedding.rows;
    m_pool.parallelFor((vocab + kSlice - 1) / kSlice, [&](std::size_t slice, std::size_t worker) {
        const std::size_t begin = slice * kSlice;
        const std::size_t count = std::min(kSlice, vocab - begin);
        m_scratch[worker].reset(m_arena.poisons());
        float* const weights = m_scratch[worker].floats(count * hidden());
        dequantizeRows(unembedding, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(count),
                       weights);
        gemm(GemmRight::Transposed, rows, count, hidden(), x, hidden(), weights, hidden(), out + begin,
             vocab);
    });
}

Result<void> CpuBackend::predict(const DeviceTensor& residual, RowRange rows,
                                 std::span<const std::int32_t> following, std::span<RowPrediction> out,
                                 std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const auto memory, m_arena.allocate(rows.count * hidden() * sizeof(float)));
    auto* const x = reinterpret_cast<float*>(memory.get());
    forTiles(rows, [&](TileRows tile, Scratch&) {
        for (std::uint32_t row = tile.first; row < tile.first + tile.count; ++row)
            finalNorm(floatRow(residual, row - rows.origin), x + (row - rows.first) * hidden());
    });
    return predictRows(m_model->weights.unembedding, m_model->config.logitCap, x, rows, following, out,
                       m_pool, m_scratch, m_arena.poisons(), std::move(stop));
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
