// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_plan.h"

#include "core/backend/cpu/cpu_speed.h"
#include "core/backend/cpu/projection.h"
#include "core/backend/cpu/unembedding.h"
#include "core/base/processors.h"
#include "core/model/dequantize.h"
#include "core/select/content_tree.h"
#include "core/select/head_tile.h"
#include "core/select/probe_rows.h"

#include <algorithm>
#include <new>
#include <limits>
#include <vector>

namespace headwater {
namespace {

constexpr std::uint32_t kLargestChunk = 2048;

/// What a worker's scratch holds whatever the length: packed queries, one key tile's scores, a leaf.
constexpr std::uint64_t kTileScratchBytes = 1 << 20;

/// What one layer asks for while it is forwarded, and what it leaves behind.
struct LayerBytes {
    std::uint64_t weights = 0; ///< in their form
    std::uint64_t decoded = 0; ///< pages of the stored ones, where those are another form that decoding reads
    std::uint64_t activations = 0; ///< without the residual stream
    std::uint64_t records = 0;
    std::uint64_t cache = 0; ///< keys and values in binary16, where they are kept
    std::uint64_t index = 0; ///< likewise, released
};

/// What one worker holds while it works on a tile. hiddenWidths: of what the feed-forward reads, and of what
/// it adds where that has a norm.
std::uint64_t scratchBytes(const LayerConfig& layer, const PlanRequest& request, std::uint64_t hiddenWidths)
{
    const std::uint64_t tokens = std::uint64_t{request.promptTokens} + request.newTokens;
    const std::uint64_t features = hiddenWidths + 2 * static_cast<std::uint64_t>(layer.ffnSize);
    const bool searched =
        request.records && layer.kind == HeadKind::Global && request.select.selection != Selection::Exact;
    std::uint64_t bytes = 4 * kTileRows * features + kTileScratchBytes;
    if (searched) { // the scores of what a row looks at and opens, and a copy
        const TreeShape tree = treeShape(request.promptTokens, request.select.treeLevels);
        const std::uint64_t lanes = (tree.branching + 15) & ~15u;
        bytes += 8 * kTileRows * (request.select.open + request.select.beam * lanes);
    }
    // A key block of rows that are seen whole: two lines, and two numbers a query block. An unrecorded
    // forward may have the smallest blocks.
    const std::uint64_t blockK = request.grid.blockK > 0 ? request.grid.blockK : 4;
    const std::uint64_t blockQ = request.grid.blockQ > 0 ? request.grid.blockQ : 4;
    const bool probesAlone = searched && request.select.propagation == Propagation::Propagated;
    const std::uint64_t lines = probesAlone ? kProbeGroup : kTileRows + kTileRows / blockQ;
    return bytes + 8 * lines * (tokens / blockK + 1) + 4 * tokens;
}

LayerBytes layerBytes(const LayerConfig& layer, const PlanRequest& request, std::uint64_t hiddenWidths,
                      std::uint64_t chunkRows, std::size_t threads)
{
    const std::uint64_t tokens = std::uint64_t{request.promptTokens} + request.newTokens;
    const auto dim = static_cast<std::uint64_t>(layer.headDim);
    const std::uint64_t q = static_cast<std::uint64_t>(layer.numHeads) * dim;
    const std::uint64_t kv = static_cast<std::uint64_t>(layer.numKvHeads) * dim;
    const bool global = layer.kind == HeadKind::Global;
    const bool indexed = request.records && request.select.selection == Selection::Tree && global;
    const TreeShape tree = treeShape(request.promptTokens, request.select.treeLevels);
    const auto ofTrees = [&](auto bytesOf) {
        return indexed ? static_cast<std::uint64_t>(layer.numKvHeads)
                * bytesOf(tree, static_cast<std::uint32_t>(tokens), static_cast<std::uint32_t>(layer.headDim))
                       : 0;
    };
    LayerBytes bytes;
    bytes.activations = 8 * tokens * kv + 8 * std::min(chunkRows, tokens) * q + ofTrees(ContentTree::bytes)
        + threads * (scratchBytes(layer, request, hiddenWidths) + kThreadSlackBytes);
    if (request.newTokens > 0) {
        bytes.cache = layer.borrowsKeys() ? 0 : 2 * 2 * tokens * kv;
        bytes.index = ofTrees(ContentTree::releasedBytes);
    }
    if (!request.records)
        return bytes;
    const std::uint64_t blockK = std::max<std::uint64_t>(1, request.grid.blockK);
    const std::uint64_t blockQ = std::max<std::uint64_t>(1, request.grid.blockQ);
    const std::uint64_t blocksKept =
        (global ? request.select.keepKeys : layer.window) / blockK + blockQ / blockK + 2;
    const std::uint64_t blocksThere = tokens / blockK / 2 + 1; // causal, on the mean
    const std::uint64_t perHead = tokens / blockQ * std::min(blocksKept, blocksThere) * 12 + tokens * 12
        + (global ? tokens * 8 : 0); // what comes into every token
    bytes.records = perHead * static_cast<std::uint64_t>(layer.numHeads) * 3 / 2;
    return bytes;
}

/// Keys and values that later layers borrow are held from then on; of them what a layer does not read itself.
std::uint64_t lentBytes(const ModelConfig& config, std::size_t layer, std::uint64_t tokens)
{
    std::uint64_t bytes = 0;
    for (std::size_t lender = 0; lender < layer; ++lender) {
        const auto borrows = [lender](const LayerConfig& other) {
            return other.keysOf == static_cast<int>(lender);
        };
        if (std::ranges::any_of(config.layers, borrows) && !borrows(config.layers[layer]))
            bytes += 8 * tokens * config.layers[lender].keyWidth();
    }
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

/// Embeddings stay as stored, and so does the unembedding, which may be the same as one.
std::uint64_t storedWeightBytes(const Weights& weights)
{
    const auto stored = [](const WeightMatrix& matrix) {
        return storedBytes(matrix.type, matrix.elements());
    };
    const bool isTied = weights.unembedding.data.data() == weights.embedding.data.data();
    return stored(weights.embedding) + stored(weights.layerEmbedding)
        + (isTied ? 0 : stored(weights.unembedding));
}

std::uint64_t matrixBytes(const LayerWeights& layer, WeightForm form)
{
    std::uint64_t bytes = 0;
    for (const WeightMatrix* matrix : layer.matrices())
        bytes += form == WeightForm::Float32 ? matrix->elements() * sizeof(float)
                                             : storedBytes(matrix->type, matrix->elements());
    return bytes;
}

/// What a worker widens at once, inside products.
std::uint64_t largestPanel(const LayerWeights& layer, WeightForm form)
{
    std::uint64_t bytes = 0;
    if (form == WeightForm::Stored)
        for (const WeightMatrix* matrix : layer.matrices())
            bytes = std::max(bytes, panelBytes(*matrix));
    return bytes;
}

/// The most that is held at once besides stored weights: in the prefill, layer by layer, for the predictions,
/// or for decoding and the tail.
std::uint64_t mostAtOnce(const PlanRequest& request, WeightForm form, const std::vector<LayerBytes>& layers,
                         std::uint64_t residual, std::uint64_t predictions)
{
    const bool byLayer =
        form == WeightForm::Float32 && holdsWeightsByLayer(request.promptTokens, request.newTokens);
    std::uint64_t weights = 0;
    std::uint64_t decoded = 0;
    std::uint64_t kept = 0; // the caches are allocated together, indexes join them
    std::uint64_t tail = 0;
    for (const LayerBytes& layer : layers) {
        weights += layer.weights;
        decoded += layer.decoded;
        kept += layer.cache;
        tail = std::max(tail, request.records ? layer.activations + layer.records : 0);
    }
    std::uint64_t most = 0;
    for (const LayerBytes& layer : layers) {
        most = std::max(most, (byLayer ? layer.weights : weights) + kept + layer.activations + layer.records);
        kept += layer.index;
    }
    most = std::max(most, (byLayer ? 0 : weights) + kept + predictions) + residual;
    if (request.newTokens == 0)
        return most;
    // The first token decoded takes the place of the prompt's residual stream. Decoding makes no weights; a
    // tail makes again what there is not, and lets go of the pages that it is made from.
    kept += request.newTokens == 1 ? residual : 0;
    most = std::max(most, (byLayer ? 0 : weights) + decoded + kept);
    return request.records ? std::max(most, weights + (byLayer ? 0 : decoded) + kept + tail) : most;
}

Plan planOf(const Model& model, const PlanRequest& request, WeightForm form, std::uint32_t chunkRows,
            std::size_t threads)
{
    const ModelConfig& config = model.config;
    const std::uint64_t tokens = std::uint64_t{request.promptTokens} + request.newTokens;
    const auto hiddenSize = static_cast<std::uint64_t>(config.hiddenSize);
    const std::uint64_t stored = storedWeightBytes(model.weights);
    const std::uint64_t residual = 4 * tokens * hiddenSize;
    const std::uint64_t predictions = request.predicts
        ? predictionBytes(config, std::min<std::uint64_t>(chunkRows, request.promptTokens), threads)
        : 0;
    Plan plan;
    plan.chunkRows = chunkRows;
    plan.weights = form;
    plan.weightBytes = stored;
    plan.activationBytes = predictions; // when no layer's activations are held any longer
    std::vector<LayerBytes> layers;
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        const LayerWeights* const parts =
            i < model.weights.layers.size() ? &model.weights.layers[i] : nullptr;
        const std::uint64_t widths = parts && !parts->ffnOutputNorm.empty() ? 2 : 1;
        LayerBytes bytes = layerBytes(config.layers[i], request, widths * hiddenSize, chunkRows, threads);
        bytes.activations += lentBytes(config, i, tokens);
        if (parts) {
            bytes.weights = matrixBytes(*parts, form);
            if (form == WeightForm::Float32 && request.newTokens > 0)
                bytes.decoded = matrixBytes(*parts, WeightForm::Stored);
            bytes.activations += threads * largestPanel(*parts, form);
        }
        plan.weightBytes += bytes.weights + bytes.decoded;
        plan.activationBytes = std::max(plan.activationBytes, bytes.activations);
        plan.recordBytes = std::max(plan.recordBytes, bytes.records);
        plan.cacheBytes += bytes.cache + bytes.index;
        layers.push_back(bytes);
    }
    plan.activationBytes += residual;
    plan.apartBytes = plan.peakBytes() - stored - mostAtOnce(request, form, layers, residual, predictions);
    return plan;
}

} // namespace

CpuPlanner::CpuPlanner(std::size_t threads)
    : m_threads(threadsFor(threads))
{
}

double CpuPlanner::seconds(const Model& model, const DeviceWork& work) const
{
    try {
        return secondsOf(work, measureCpuSpeed(model, work, m_threads));
    } catch (const std::bad_alloc&) { // what is forced into no memory is estimated all the same
        return std::numeric_limits<double>::quiet_NaN();
    }
}

Plan CpuPlanner::plan(const Model& model, const PlanRequest& request) const
{
    const auto fits = [&](const Plan& plan) {
        return request.memoryBudget == 0 || plan.peakBytes() <= request.memoryBudget;
    };
    const auto fittest = [&](WeightForm form) {
        Plan plan = planOf(model, request, form, request.chunkRows > 0 ? request.chunkRows : kLargestChunk,
                           m_threads);
        while (request.chunkRows == 0 && !fits(plan) && plan.chunkRows > kTileRows)
            plan = planOf(model, request, form, plan.chunkRows / 2, m_threads);
        return plan;
    };
    const Plan widened = fittest(WeightForm::Float32);
    if (fits(widened))
        return widened;
    const Plan stored = fittest(WeightForm::Stored);
    return stored.peakBytes() < widened.peakBytes() ? stored : widened;
}

} // namespace headwater
