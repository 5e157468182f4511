// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_plan.h"

#include "core/backend/cpu/cpu_prediction.h"
#include "core/base/processors.h"
#include "core/model/dequantize.h"
#include "core/select/content_tree.h"
#include "core/select/head_tile.h"

#include <algorithm>

namespace headwater {
namespace {

constexpr std::uint32_t kLargestChunk = 2048;

/// What one layer asks for while it is forwarded, and what it leaves behind.
struct LayerBytes {
    std::uint64_t activations = 0;
    std::uint64_t records = 0;
    std::uint64_t cache = 0;
};

LayerBytes layerBytes(const LayerConfig& layer, const PlanRequest& request, std::uint64_t hiddenSize,
                      std::uint64_t chunkRows, std::size_t threads)
{
    const std::uint64_t tokens = std::uint64_t{request.promptTokens} + request.newTokens;
    const auto dim = static_cast<std::uint64_t>(layer.headDim);
    const std::uint64_t q = static_cast<std::uint64_t>(layer.numHeads) * dim;
    const std::uint64_t kv = static_cast<std::uint64_t>(layer.numKvHeads) * dim;
    const auto ffn = static_cast<std::uint64_t>(layer.ffnSize);
    const bool global = layer.kind == HeadKind::Global;
    const bool indexed = request.records && request.select.selection == Selection::Tree && global;
    const TreeShape tree = treeShape(request.promptTokens, request.select.treeLevels);
    const auto ofTrees = [&](auto bytesOf) {
        return indexed ? static_cast<std::uint64_t>(layer.numKvHeads)
                * bytesOf(tree, static_cast<std::uint32_t>(tokens), static_cast<std::uint32_t>(layer.headDim))
                       : 0;
    };
    const std::uint64_t scratch = threads * kTileRows * (hiddenSize + 2 * ffn + 4 * tokens / 8) * 4;
    LayerBytes bytes;
    bytes.activations =
        8 * tokens * kv + 8 * std::min(chunkRows, tokens) * q + ofTrees(ContentTree::bytes) + scratch;
    bytes.cache = 2 * 2 * tokens * kv + ofTrees(ContentTree::releasedBytes);
    if (!request.records)
        return bytes;
    const std::uint64_t blockK = std::max<std::uint64_t>(1, request.grid.blockK);
    const std::uint64_t blockQ = std::max<std::uint64_t>(1, request.grid.blockQ);
    const std::uint64_t blocksKept =
        (global ? request.select.keepKeys : layer.window) / blockK + blockQ / blockK + 2;
    const std::uint64_t blocksThere = tokens / blockK / 2 + 1; // causal, on the mean
    const std::uint64_t perHead = tokens / blockQ * std::min(blocksKept, blocksThere) * 12 + tokens * 12
        + (global ? tokens * 8 * (1 + threads) : 0);
    bytes.records = perHead * static_cast<std::uint64_t>(layer.numHeads) * 3 / 2;
    return bytes;
}

/// What predictRows holds of a chunk.
std::uint64_t predictionBytes(const ModelConfig& config, std::uint64_t chunkRows, std::size_t threads)
{
    const auto hidden = static_cast<std::uint64_t>(config.hiddenSize);
    const std::uint64_t slices = static_cast<std::uint64_t>(config.vocabSize) / kVocabularySlice + 1;
    return chunkRows * (hidden * 4 + slices * 8 + threads * 40 + 8)
        + threads * kVocabularySlice * (hidden + kTileRows) * 4;
}

/// The layers as float32; the embedding stays as stored, and so does the unembedding, which may be the same.
std::uint64_t weightBytesOf(const Weights& weights)
{
    const auto stored = [](const WeightMatrix& matrix) {
        return storedBytes(matrix.type, matrix.elements());
    };
    std::uint64_t bytes = stored(weights.embedding);
    if (weights.unembedding.data.data() != weights.embedding.data.data())
        bytes += stored(weights.unembedding);
    for (const LayerWeights& layer : weights.layers)
        for (const WeightMatrix* matrix : layer.matrices())
            bytes += matrix->elements() * sizeof(float);
    return bytes;
}

Plan planOf(const Model& model, const PlanRequest& request, std::uint32_t chunkRows, std::size_t threads)
{
    const ModelConfig& config = model.config;
    const std::uint64_t tokens = std::uint64_t{request.promptTokens} + request.newTokens;
    const auto hiddenSize = static_cast<std::uint64_t>(config.hiddenSize);
    Plan plan;
    plan.chunkRows = chunkRows;
    plan.weightBytes = weightBytesOf(model.weights);
    for (const LayerConfig& layer : config.layers) {
        const LayerBytes bytes = layerBytes(layer, request, hiddenSize, chunkRows, threads);
        plan.activationBytes = std::max(plan.activationBytes, bytes.activations);
        plan.recordBytes = std::max(plan.recordBytes, bytes.records);
        if (request.newTokens > 0)
            plan.cacheBytes += bytes.cache;
    }
    if (request.predicts) // when no layer's activations are held any longer
        plan.activationBytes = std::max(
            plan.activationBytes,
            predictionBytes(config, std::min<std::uint64_t>(chunkRows, request.promptTokens), threads));
    plan.activationBytes += 4 * tokens * hiddenSize;
    return plan;
}

} // namespace

CpuPlanner::CpuPlanner(std::size_t threads)
    : m_threads(threadsFor(threads))
{
}

Plan CpuPlanner::plan(const Model& model, const PlanRequest& request) const
{
    if (request.chunkRows > 0)
        return planOf(model, request, request.chunkRows, m_threads);
    Plan plan = planOf(model, request, kLargestChunk, m_threads);
    while (request.memoryBudget > 0 && plan.peakBytes() > request.memoryBudget && plan.chunkRows > kTileRows)
        plan = planOf(model, request, plan.chunkRows / 2, m_threads);
    return plan;
}

} // namespace headwater
