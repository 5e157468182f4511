// SPDX-License-Identifier: Apache-2.0
#include "core/select/exact_tile.h"

#include "core/base/gemm.h"
#include "core/select/column_sums.h"
#include "core/select/lanes.h"
#include "core/select/score_tile.h"
#include "core/select/scores.h"
#include "core/select/tile_masses.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {

/// Shapes: R = kTileRows lanes a line. queries [R, d], scores [kTileKeys, R], accumulated [d, R],
/// references [key tiles, R], and the masses.
struct ExactScratch::Buffers {
    std::vector<float> queries;
    std::vector<float> scores;
    std::vector<float> accumulated;
    std::vector<float> references;
    std::vector<float> rowSum;
    std::vector<float> factor;
    std::vector<float> tokenZero;
    TileMasses masses;
};

ExactScratch::ExactScratch()
    : m_buffers(std::make_unique<Buffers>())
{
}
ExactScratch::~ExactScratch() = default;
ExactScratch::ExactScratch(ExactScratch&&) noexcept = default;
ExactScratch& ExactScratch::operator=(ExactScratch&&) noexcept = default;

namespace {

void prepare(ExactScratch::Buffers& b, const KeyValues& head, const QueryTile& tile, std::uint32_t keyTiles)
{
    b.queries.resize(kTileRows * head.headDim);
    b.scores.resize(kTileKeys * kTileRows);
    b.accumulated.assign(head.headDim * kTileRows, 0.0f);
    b.references.resize(std::size_t(keyTiles) * kTileRows);
    b.rowSum.assign(kTileRows, 0.0f);
    b.factor.assign(kTileRows, 1.0f);
    b.tokenZero.assign(kTileRows, lanes::kMinusInfinity);
    packQueries(tile, head.headDim, b.queries.data());
}

/// Streams the key tiles [firstKey, end) over the rows: running references and sums, block sums and maxima,
/// output.
void streamKeys(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, bool wantOutput,
                ExactScratch::Buffers& b)
{
    const std::uint32_t rows = paddedRows(tile.numRows);
    const std::uint32_t end = tile.firstRow + tile.numRows;
    const std::uint32_t blockK = shape.grid.blockK;
    float* reference = nullptr;
    for (std::uint32_t key = b.masses.firstKey(), step = 0; key < end; key += kTileKeys, ++step) {
        const std::uint32_t count = std::min(kTileKeys, end - key);
        float* const next = b.references.data() + std::size_t(step) * kTileRows;
        if (reference)
            std::copy(reference, reference + kTileRows, next);
        else
            std::fill(next, next + kTileRows, lanes::kMinusInfinity);
        reference = next;

        float* const scores = b.scores.data();
        scoreTile(head, key, count, b.queries.data(), rows, kTileRows, scores);
        if (key + count > tile.firstRow || shape.window > 0)
            maskScores(scores, key, count, tile.firstRow, rows, kTileRows, shape.window);
        if (key == 0)
            std::copy(scores, scores + rows, b.tokenZero.begin());
        float* const blockMax = b.masses.peaks(key / blockK);
        blockMaxima(scores, count, blockK, rows, kTileRows, blockMax);
        const bool raised = raiseReference(blockMax, (count + blockK - 1) / blockK, rows, kTileRows,
                                           reference, b.factor.data());
        if (raised && step > 0) {
            scaleRows(b.rowSum.data(), 1, rows, kTileRows, b.factor.data());
            if (wantOutput)
                scaleRows(b.accumulated.data(), head.headDim, rows, kTileRows, b.factor.data());
        }
        exponentiate(scores, count, blockK, rows, kTileRows, reference, b.masses.sums(key / blockK),
                     b.rowSum.data());
        if (wantOutput)
            gemmLeftTransposed(head.headDim, rows, count, head.values + key * head.valueStride,
                               head.valueStride, scores, kTileRows, b.accumulated.data(), kTileRows, true);
    }
}

void writeOutput(const KeyValues& head, const QueryTile& tile, const TileOutput& output,
                 ExactScratch::Buffers& b)
{
    // Every row may read itself: without a finite score (an overflow) it has no attention, and must not look
    // as if.
    for (std::uint32_t row = 0; row < kTileRows; ++row)
        b.factor[row] = b.rowSum[row] > 0 ? 1.0f / b.rowSum[row] : std::numeric_limits<float>::quiet_NaN();
    transposeOutput(b.accumulated.data(), head.headDim, tile.numRows, kTileRows, b.factor.data(), output);
}

/// Of the last references and the sums relative to them.
void rowLogSumExp(const QueryTile& tile, const ExactScratch::Buffers& b, float* lse)
{
    const float* const reference = b.references.data() + b.references.size() - kTileRows;
    for (std::uint32_t row = 0; row < tile.numRows; ++row)
        lse[row] = logSumExpOf(reference[row], b.rowSum[row]);
}

} // namespace

void denseTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, ExactScratch& scratch,
               const TileOutput& output, float* lse)
{
    ExactScratch::Buffers& b = scratch.buffers();
    const std::uint32_t firstKey = shape.firstKey(tile.firstRow) / kTileKeys * kTileKeys;
    prepare(b, head, tile, (tile.firstRow + tile.numRows - firstKey + kTileKeys - 1) / kTileKeys);
    b.masses.reset(shape, tile, firstKey);
    streamKeys(shape, head, tile, output.data != nullptr, b);
    if (output.data)
        writeOutput(head, tile, output, b);
    if (lse)
        rowLogSumExp(tile, b, lse);
}

void exactTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, const KeepRule& rule,
               ExactScratch& scratch, const TileOutput& output, TileRecord& record)
{
    ExactScratch::Buffers& b = scratch.buffers();
    denseTile(shape, head, tile, scratch, output);
    record.reset(shape.grid, tile);
    b.masses.normalise(b.references, b.rowSum, record);
    b.masses.keep(rule, record);
    b.masses.recordRows(record);
    b.masses.recordPeaks(head, b.queries.data(), record);
    addColumnSums(shape, head, tile, b.masses, b.queries.data(), b.scores.data(), record);
    for (std::uint32_t block = 0; block < record.tokenZero.size(); ++block) {
        const std::uint32_t first = block * shape.grid.blockQ;
        const std::uint32_t end = std::min(tile.numRows, first + shape.grid.blockQ);
        double sum = 0;
        for (std::uint32_t row = first; row < end; ++row)
            sum += std::exp2(double(b.tokenZero[row]) - double(b.masses.lse2()[row]));
        record.tokenZero[block] = static_cast<float>(sum / (end - first));
    }
}

} // namespace headwater
