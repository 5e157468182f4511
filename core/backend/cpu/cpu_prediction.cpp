// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_prediction.h"

#include "core/backend/cpu/finite_rows.h"
#include "core/backend/cpu/unembedding.h"
#include "core/base/gemm.h"
#include "core/model/dequantize.h"
#include "core/select/row_softmax.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {
namespace {

/// A token and its logit.
struct Candidate {
    float logit = -std::numeric_limits<float>::infinity();
    std::int32_t id = std::numeric_limits<std::int32_t>::max();

    bool isBefore(const Candidate& other) const
    {
        return logit != other.logit ? logit > other.logit : id < other.id;
    }
};

/// The likeliest tokens so far, first the best: the same whatever the order in which tokens come.
struct Likeliest {
    std::array<Candidate, kLikeliest> best;

    void add(const Candidate& token)
    {
        if (!token.isBefore(best.back()))
            return;
        std::size_t place = kLikeliest - 1;
        for (; place > 0 && token.isBefore(best[place - 1]); --place)
            best[place] = best[place - 1];
        best[place] = token;
    }

    /// Adds the tokens [first, first + count), of whose logits `top` is the largest.
    void add(const float* logits, std::uint32_t first, std::uint32_t count, float top)
    {
        if (top < best.back().logit)
            return; // as nearly always, when some slices have been seen
        for (std::uint32_t i = 0; i < count; ++i)
            if (logits[i] >= best.back().logit)
                add({logits[i], static_cast<std::int32_t>(first + i)});
    }
};

/// What a slice of the vocabulary adds to a row's normaliser: sum · e^top.
struct SlicePart {
    float top = 0;
    float sum = 0;
};

/// log(sum of all exponentials) from the slices in their order. Shape: parts [slices] with that stride.
double logSumOf(const SlicePart* parts, std::size_t slices, std::size_t stride)
{
    float top = parts[0].top;
    for (std::size_t slice = 1; slice < slices; ++slice)
        top = std::max(top, parts[slice * stride].top);
    double sum = 0;
    for (std::size_t slice = 0; slice < slices; ++slice) {
        const SlicePart& part = parts[slice * stride];
        sum += static_cast<double>(part.sum)
            * std::exp(static_cast<double>(part.top) - static_cast<double>(top));
    }
    return static_cast<double>(top) + std::log(sum);
}

float logprobOf(float logit, double logSum)
{
    return static_cast<float>(std::min(0.0, static_cast<double>(logit) - logSum));
}

} // namespace

Result<void> predictRows(const WeightMatrix& unembedding, float logitCap, const float* x, RowRange rows,
                         std::span<const std::int32_t> following, std::span<RowPrediction> out,
                         TileWorkers& workers, std::stop_token stop)
{
    const std::size_t hidden = unembedding.cols;
    const std::uint32_t vocab = unembedding.rows;
    const std::size_t slices = (vocab + kVocabularySlice - 1) / kVocabularySlice;
    std::vector<SlicePart> parts(slices * rows.count);
    std::vector<Likeliest> likeliest(workers.size() * rows.count);
    std::vector<float> followingLogit(rows.count);
    FiniteRows finite;
    workers.forEach(
        slices,
        [&](std::size_t slice, std::size_t worker, Scratch& scratch) {
            const auto first = static_cast<std::uint32_t>(slice * kVocabularySlice);
            const std::uint32_t count = std::min(kVocabularySlice, vocab - first);
            float* const weights = scratch.floats(count * hidden);
            dequantizeRows(unembedding, first, count, weights);
            float* const logits = scratch.floats(std::size_t{kTileRows} * count);
            // Tiles of the absolute row: a product's bits follow from its shape.
            for (std::uint32_t begin = rows.first; begin < rows.first + rows.count;) {
                const std::uint32_t end =
                    std::min(rows.first + rows.count, (begin / kTileRows + 1) * kTileRows);
                const std::uint32_t local = begin - rows.first;
                gemm(GemmRight::Transposed, end - begin, count, hidden, x + local * hidden, hidden, weights,
                     hidden, logits, count);
                finite.look(logits, begin, end - begin, count);
                if (logitCap > 0)
                    softCap(logitCap, logits, std::size_t{end - begin} * count);
                for (std::uint32_t row = local; row < end - rows.first; ++row) {
                    float* const values = logits + std::size_t{row - local} * count;
                    const float top = rowMax(values, count);
                    likeliest[worker * rows.count + row].add(values, first, count, top);
                    const std::int64_t at = std::int64_t{following[row]} - first;
                    if (at >= 0 && at < count)
                        followingLogit[row] = values[at];
                    parts[slice * rows.count + row] = {top, rowExp(values, count, top, values)};
                }
                begin = end;
            }
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", "predictions"};
    HEADWATER_TRY(finite.verdict("the logits", "predictions"));
    for (std::uint32_t row = 0; row < rows.count; ++row) {
        const double logSum = logSumOf(parts.data() + row, slices, rows.count);
        Likeliest all = likeliest[row];
        for (std::size_t worker = 1; worker < workers.size(); ++worker)
            for (const Candidate& token : likeliest[worker * rows.count + row].best)
                all.add(token);
        RowPrediction& made = out[row];
        made = {};
        if (following[row] >= 0)
            made.following = logprobOf(followingLogit[row], logSum);
        for (std::size_t rank = 0; rank < std::min<std::size_t>(kLikeliest, vocab); ++rank)
            made.likeliest[rank] = {all.best[rank].id, logprobOf(all.best[rank].logit, logSum)};
    }
    return {};
}

} // namespace headwater
