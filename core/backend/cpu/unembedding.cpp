// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/unembedding.h"

#include "core/backend/cpu/dense_math.h"
#include "core/backend/cpu/projection.h"
#include "core/base/gemm.h"
#include "core/model/dequantize.h"
#include "core/select/scores.h"

#include <algorithm>
#include <array>

namespace headwater {
namespace {

/// Shape: x [rows, hidden], out [rows, vocab].
void unembedSlices(const WeightMatrix& unembedding, const float* x, std::size_t rows, float* out,
                   TileWorkers& workers)
{
    constexpr std::size_t kSlice = kVocabularySlice;
    const std::size_t hidden = unembedding.cols;
    const std::size_t vocab = unembedding.rows;
    workers.forEach((vocab + kSlice - 1) / kSlice, [&](std::size_t slice, std::size_t, Scratch& scratch) {
        const std::size_t begin = slice * kSlice;
        const std::size_t count = std::min(kSlice, vocab - begin);
        float* const weights = scratch.floats(count * hidden);
        dequantizeRows(unembedding, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(count),
                       weights);
        gemm(GemmRight::Transposed, rows, count, hidden, x, hidden, weights, hidden, out + begin, vocab);
    });
}

} // namespace

void finalNorm(const Model& model, const float* row, float* out)
{
    if (model.weights.outputNorm.empty())
        std::copy_n(row, static_cast<std::size_t>(model.config.hiddenSize), out);
    else
        rmsNorm(row, model.weights.outputNorm, model.config.normEpsilon, out);
}

void unembed(const Model& model, const float* x, std::size_t rows, RowMode mode, float* out,
             TileWorkers& workers)
{
    const WeightMatrix& unembedding = model.weights.unembedding;
    if (mode == RowMode::Prefill) {
        unembedSlices(unembedding, x, rows, out, workers);
    } else {
        const Projection stored{unembedding, nullptr, {}};
        for (std::size_t i = 0; i < rows; ++i)
            projectRow(std::array{Mapped{stored, out + i * unembedding.rows}}, x + i * unembedding.cols,
                       workers.pool());
    }
    if (model.config.logitCap > 0)
        softCap(model.config.logitCap, out, rows * unembedding.rows);
}

} // namespace headwater
