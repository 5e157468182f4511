// SPDX-License-Identifier: Apache-2.0
#include "core/engine/job_work.h"

#include "core/model/dequantize.h"
#include "core/record/head_shape.h"
#include "core/select/content_tree.h"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

double tilesOf(RowSpan rows)
{
    return rows.end > rows.first ? (rows.end - 1) / kTileRows - rows.first / kTileRows + 1.0 : 0.0;
}

void widen(const WeightMatrix& matrix, double times, DeviceWork& work)
{
    if (matrix.rows > 0 && matrix.type != WeightType::F32)
        work.widened[static_cast<std::size_t>(matrix.type)] += times * static_cast<double>(matrix.elements());
}

void read(const WeightMatrix& matrix, double times, DeviceWork& work)
{
    if (matrix.rows > 0)
        work.decoded[static_cast<std::size_t>(matrix.type)] +=
            times * static_cast<double>(storedBytes(matrix.type, matrix.elements()));
}

} // namespace

double projectionOperations(const ModelConfig& config, RowSpan rows)
{
    const double count = rows.end - rows.first;
    double operations = 0;
    for (const LayerConfig& layer : config.layers) {
        const double dim = layer.headDim;
        const double hidden = config.hiddenSize;
        operations += count * hidden * dim
            * (2.0 * layer.numHeads + (layer.borrowsKeys() ? 0.0 : 2.0 * layer.numKvHeads));
        operations += count * hidden * 3 * (layer.ffnSize + config.layerInputSize);
    }
    return operations;
}

double attentionOperations(const ModelConfig& config, const SelectParams& select, RowSpan rows, int given)
{
    const double count = rows.end - rows.first;
    const double before = (static_cast<double>(rows.first) + rows.end) / 2; // of a row, on average
    double operations = 0;
    for (const LayerConfig& layer : config.layers) {
        const bool isGiven = given-- > 0;
        const double heads = layer.numHeads;
        const double dim = layer.headDim;
        const double past =
            layer.kind == HeadKind::Sliding ? std::min<double>(layer.window + 256.0, rows.end) : before;
        const double dense = count * past * dim * 2 * heads;
        const double sparse = count * std::min(past, select.keepKeys + 64.0) * dim * 2 * heads;
        const bool seesAll = select.selection == Selection::Exact || layer.kind == HeadKind::Sliding;
        if (select.propagation == Propagation::Observed || layer.kind == HeadKind::Sliding)
            operations += dense;
        else
            operations += sparse + (seesAll ? dense / 2 : 0);
        if (!seesAll && !isGiven) {
            // All of the first level, W nodes' children on each other one, mean and variance of each, and M
            // opened keys a row; the probes of stream cost less.
            const TreeShape shape = treeShape(rows.end, select.treeLevels);
            const double looked =
                2.0 * shape.branching * (1.0 + (shape.levels - 1.0) * select.beam) + select.open;
            operations += count * std::min(looked, past) * dim * heads;
        }
    }
    return operations;
}

double unembeddingOperations(const ModelConfig& config, double rows)
{
    return rows * config.hiddenSize * config.vocabSize;
}

DeviceWork forwardWork(const Model& model, const SelectParams& select, RowSpan rows, WeightForm form,
                       bool byLayer, int given)
{
    DeviceWork work;
    work.projections = projectionOperations(model.config, rows);
    work.attention = attentionOperations(model.config, select, rows, given);
    const double times = form == WeightForm::Stored ? tilesOf(rows) : byLayer ? 1 : 0;
    for (const LayerWeights& layer : model.weights.layers)
        for (const WeightMatrix* const matrix : layer.matrices())
            widen(*matrix, times, work);
    return work;
}

DeviceWork denseWork(const Model& model, RowSpan rows, WeightForm form, bool byLayer)
{
    SelectParams dense;
    dense.selection = Selection::Exact;
    dense.propagation = Propagation::Observed;
    DeviceWork work = forwardWork(model, dense, rows, form, byLayer);
    work.denseAttention = std::exchange(work.attention, 0);
    return work;
}

DeviceWork logitsWork(const Model& model, double rows, double calls)
{
    DeviceWork work;
    work.unembedding = unembeddingOperations(model.config, rows);
    widen(model.weights.unembedding, 2 * calls, work); // a product of few rows reads the floats as slowly
    return work;
}

DeviceWork decodingWork(const Model& model, std::uint32_t position, std::uint32_t tokens)
{
    DeviceWork work;
    for (const LayerWeights& layer : model.weights.layers)
        for (const WeightMatrix* const matrix : layer.matrices())
            read(*matrix, tokens, work);
    read(model.weights.unembedding, tokens, work);
    constexpr double kKeyAndValueBytes = 4; // binary16
    for (const LayerConfig& layer : model.config.layers) {
        const auto width = static_cast<double>(layer.keyWidth());
        for (std::uint32_t token = 0; token < tokens; ++token) {
            const double past = position + token + 1.0;
            work.cached += kKeyAndValueBytes * width
                * (layer.kind == HeadKind::Sliding ? std::min<double>(layer.window, past) : past);
        }
    }
    return work;
}

} // namespace headwater
