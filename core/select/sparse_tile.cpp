// SPDX-License-Identifier: Apache-2.0
#include "core/select/sparse_tile.h"

#include "core/select/fused_products.h"
#include "core/select/lanes.h"
#include "core/select/peak_position.h"
#include "core/select/score_tile.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace headwater {

/// Shapes: one query block's rows are the lanes, `line` of them (its rows, padded). queries [d, line],
/// scores [kChunkKeys, line], sums and peaks [kept blocks, line], references [chunks, line], accumulated [d,
/// line].
struct SparseScratch::Buffers {
    std::vector<float> queries;
    std::vector<float> scores;
    std::vector<float> sums;
    std::vector<float> peaks;
    std::vector<float> references;
    std::vector<float> accumulated;
    std::vector<float> rowSum;
    std::vector<float> factor;
    std::vector<float> inverse;
    std::vector<float> lse2;
    std::vector<float> tokenZero;
};

SparseScratch::SparseScratch()
    : m_buffers(std::make_unique<Buffers>())
{
}
SparseScratch::~SparseScratch() = default;
SparseScratch::SparseScratch(SparseScratch&&) noexcept = default;
SparseScratch& SparseScratch::operator=(SparseScratch&&) noexcept = default;

namespace {

/// Kept keys worked on at once; what they need stays in the first- and second-level cache.
constexpr std::uint32_t kChunkKeys = 1024;

/// One query block and what it keeps.
struct SparseBlock {
    const HeadShape& shape;
    const KeyValues& head;
    const QueryTile& tile;
    std::span<const std::uint32_t> kept;
    std::uint32_t queryBlock;
    std::uint32_t firstRow;
    std::uint32_t numRows;
    std::uint32_t line;

    std::uint32_t firstKey(std::size_t i) const { return kept[i] * shape.grid.blockK; }
    /// Keys of the i-th kept block that the last row may read.
    std::uint32_t numKeys(std::size_t i) const
    {
        return std::min(shape.grid.blockK, firstRow + numRows - firstKey(i));
    }
    bool isPartial(std::size_t i) const
    {
        return shape.window > 0 || firstKey(i) + numKeys(i) > firstRow + 1;
    }
    const float* query(std::uint32_t row) const
    {
        return tile.rows + (firstRow - tile.firstRow + row) * tile.stride;
    }
};

void packBlock(const SparseBlock& block, SparseScratch::Buffers& b)
{
    const std::uint32_t dim = block.head.headDim;
    b.queries.assign(std::size_t(dim) * block.line, 0.0f);
    for (std::uint32_t row = 0; row < block.numRows; ++row)
        for (std::uint32_t i = 0; i < dim; ++i)
            b.queries[std::size_t(i) * block.line + row] = block.query(row)[i] * lanes::kLog2E;
    b.sums.resize(block.kept.size() * block.line);
    b.peaks.resize(block.kept.size() * block.line);
    b.references.clear();
    b.accumulated.assign(std::size_t(dim) * block.line, 0.0f);
    b.scores.resize(std::size_t(kChunkKeys) * block.line);
    b.rowSum.assign(block.line, 0.0f);
    b.factor.assign(block.line, 1.0f);
    b.tokenZero.assign(block.line, lanes::kMinusInfinity);
}

void scoreBlock(const SparseBlock& block, std::size_t i, const float* queries, float* scores)
{
    scoreFewKeys(block.head, block.firstKey(i), block.numKeys(i), queries, block.line, scores);
    if (block.isPartial(i))
        maskScores(scores, block.firstKey(i), block.numKeys(i), block.firstRow, block.line, block.line,
                   block.shape.window);
}

/// The kept blocks [first, end): scores, running reference, powers, output.
void streamChunk(const SparseBlock& block, std::size_t first, std::size_t end, bool wantOutput,
                 SparseScratch::Buffers& b)
{
    const std::uint32_t line = block.line;
    const std::uint32_t blockK = block.shape.grid.blockK;
    for (std::size_t i = first; i < end; ++i)
        scoreBlock(block, i, b.queries.data(), b.scores.data() + (i - first) * blockK * line);
    if (first == 0 && block.kept[0] == 0)
        std::copy(b.scores.begin(), b.scores.begin() + line, b.tokenZero.begin());
    const std::uint32_t numKeys =
        static_cast<std::uint32_t>(end - 1 - first) * blockK + block.numKeys(end - 1);
    float* const peaks = b.peaks.data() + first * line;
    blockMaxima(b.scores.data(), numKeys, blockK, line, line, peaks);

    const std::size_t at = b.references.size();
    b.references.resize(at + line, lanes::kMinusInfinity);
    float* const reference = b.references.data() + at;
    if (at > 0)
        std::copy(reference - line, reference, reference);
    if (raiseReference(peaks, static_cast<std::uint32_t>(end - first), line, line, reference, b.factor.data())
        && first > 0) {
        scaleRows(b.rowSum.data(), 1, line, line, b.factor.data());
        scaleRows(b.accumulated.data(), block.head.headDim, line, line, b.factor.data());
    }
    exponentiate(b.scores.data(), numKeys, blockK, line, line, reference, b.sums.data() + first * line,
                 b.rowSum.data());
    for (std::size_t i = first; wantOutput && i < end; ++i)
        addValues(block.head.values + block.firstKey(i) * block.head.valueStride, block.head.valueStride,
                  block.numKeys(i), b.scores.data() + (i - first) * blockK * line, line, block.head.headDim,
                  b.accumulated.data());
}

/// Sums → probabilities, in place; row normalisers.
void normalise(const SparseBlock& block, std::size_t blocksPerChunk, SparseScratch::Buffers& b)
{
    const std::uint32_t line = block.line;
    const float* const last = b.references.data() + b.references.size() - line;
    b.inverse.assign(line, 0.0f);
    b.lse2.assign(line, std::numeric_limits<float>::infinity());
    for (std::uint32_t row = 0; row < block.numRows; ++row)
        if (b.rowSum[row] > 0) {
            b.inverse[row] = 1.0f / b.rowSum[row];
            b.lse2[row] = last[row] + std::log2(b.rowSum[row]);
        }
    for (std::size_t first = 0, chunk = 0; first < block.kept.size(); first += blocksPerChunk, ++chunk) {
        const float* const reference = b.references.data() + chunk * line;
        for (std::uint32_t row = 0; row < line; ++row)
            b.factor[row] =
                b.inverse[row] > 0 ? std::exp2(reference[row] - last[row]) * b.inverse[row] : 0.0f;
        const std::uint32_t count =
            static_cast<std::uint32_t>(std::min(blocksPerChunk, block.kept.size() - first));
        scaleRows(b.sums.data() + first * line, count, line, line, b.factor.data());
        probabilities(b.peaks.data() + first * line, count, line, line, last, b.inverse.data());
    }
}

/// The column of the largest probability of `row` in the i-th kept block: read from the powers while they are
/// there.
std::uint32_t columnOfPeak(const SparseBlock& block, std::size_t i, std::uint32_t row, bool oneChunk,
                           const SparseScratch::Buffers& b)
{
    if (!oneChunk)
        return heaviestColumn(block.shape, block.head, block.query(row), block.firstRow + row, block.kept[i]);
    const float* const powers = b.scores.data() + i * block.shape.grid.blockK * block.line + row;
    std::uint32_t best = 0;
    for (std::uint32_t key = 1; key < block.numKeys(i); ++key)
        if (powers[std::size_t(key) * block.line] > powers[std::size_t(best) * block.line])
            best = key;
    return best;
}

float lseOf(const SparseScratch::Buffers& b, std::uint32_t row)
{
    return b.inverse[row] > 0 ? b.lse2[row] * lanes::kLn2 : lanes::kMinusInfinity;
}

void recordRows(const SparseBlock& block, const SparseScratch::Buffers& b, TileRecord& record)
{
    const std::uint32_t offset = block.firstRow - block.tile.firstRow;
    double tokenZero = 0;
    for (std::uint32_t row = 0; row < block.numRows; ++row) {
        float kept = 0;
        for (std::size_t i = 0; i < block.kept.size(); ++i)
            kept += b.sums[i * block.line + row];
        record.kept[offset + row] = kept;
        record.lse[offset + row] = lseOf(b, row);
        record.missed[offset + row] = record.missedPeak[offset + row] =
            std::numeric_limits<float>::quiet_NaN();
        if (b.inverse[row] > 0)
            tokenZero += std::exp2(double(b.tokenZero[row]) - double(b.lse2[row]));
    }
    record.tokenZero[offset / block.shape.grid.blockQ] = static_cast<float>(tokenZero / block.numRows);
}

void recordEdges(const SparseBlock& block, bool oneChunk, const SparseScratch::Buffers& b, TileRecord& record)
{
    for (std::size_t i = 0; i < block.kept.size(); ++i) {
        const float* const sums = b.sums.data() + i * block.line;
        const float* const peaks = b.peaks.data() + i * block.line;
        // The first row that may read the block, so that a block of zeros does not peak in the future.
        const std::uint32_t reader =
            block.firstKey(i) > block.firstRow ? block.firstKey(i) - block.firstRow : 0;
        const auto row =
            static_cast<std::uint32_t>(std::max_element(peaks + reader, peaks + block.numRows) - peaks);
        record.mask.keyBlock.push_back(block.kept[i]);
        record.mass.push_back(sumOfLine(sums, block.line) / static_cast<float>(block.numRows));
        record.peak.push_back(peaks[row]);
        record.peakAt.push_back(
            static_cast<std::uint16_t>(row << 8 | columnOfPeak(block, i, row, oneChunk, b)));
    }
    record.mask.endQueryBlock();
}

/// Heavy keys (column_sums.h has the rule), scored again. Overwrites the powers.
void recordColumns(const SparseBlock& block, SparseScratch::Buffers& b, TileRecord& record, std::size_t edge)
{
    for (std::size_t i = 0; i < block.kept.size(); ++i, ++edge) {
        const bool diagonal = block.firstKey(i) + block.shape.grid.blockK > block.firstRow;
        const double mass = double(record.mass[edge]);
        const double later = block.shape.grid.seqLen - block.firstKey(i);
        if (diagonal ? mass * block.numRows * 64 < later : mass * 32 < 1)
            continue;
        scoreBlock(block, i, b.queries.data(), b.scores.data());
        probabilities(b.scores.data(), block.numKeys(i), block.line, block.line, b.lse2.data(), nullptr);
        for (std::uint32_t key = 0; key < block.numKeys(i); ++key)
            record.columns.push_back(
                {block.firstKey(i) + key,
                 double(sumOfLine(b.scores.data() + std::size_t(key) * block.line, block.line))});
    }
}

} // namespace

void sparseTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, const BlockMask& mask,
                SparseScratch& scratch, const TileOutput& output, TileRecord* record, float* lse)
{
    SparseScratch::Buffers& b = scratch.buffers();
    if (record)
        record->reset(shape.grid, tile);
    const std::size_t blocksPerChunk = kChunkKeys / shape.grid.blockK;
    for (std::uint32_t inTile = 0; inTile + 1 < mask.rowPtr.size(); ++inTile) {
        const std::uint32_t firstRow = tile.firstRow + inTile * shape.grid.blockQ;
        const std::uint32_t numRows = std::min(shape.grid.blockQ, tile.firstRow + tile.numRows - firstRow);
        const SparseBlock block{
            shape,
            head,
            tile,
            std::span(mask.keyBlock)
                .subspan(mask.rowPtr[inTile], mask.rowPtr[inTile + 1] - mask.rowPtr[inTile]),
            firstRow / shape.grid.blockQ,
            firstRow,
            numRows,
            paddedRows(numRows)};
        packBlock(block, b);
        for (std::size_t first = 0; first < block.kept.size(); first += blocksPerChunk)
            streamChunk(block, first, std::min(first + blocksPerChunk, block.kept.size()),
                        output.data != nullptr, b);
        normalise(block, blocksPerChunk, b);
        if (output.data) {
            for (std::uint32_t row = 0; row < numRows; ++row)
                b.factor[row] = b.inverse[row] > 0 ? b.inverse[row] : std::numeric_limits<float>::quiet_NaN();
            transposeOutput(b.accumulated.data(), head.headDim, numRows, block.line, b.factor.data(),
                            {output.data + (firstRow - tile.firstRow) * output.stride, output.stride});
        }
        for (std::uint32_t row = 0; lse && row < numRows; ++row)
            lse[firstRow - tile.firstRow + row] = lseOf(b, row);
        if (!record)
            continue;
        const std::size_t edge = record->mass.size();
        recordRows(block, b, *record);
        recordEdges(block, block.kept.size() <= blocksPerChunk, b, *record);
        recordColumns(block, b, *record, edge);
    }
    if (record)
        record->mask.extras = mask.extras;
}

} // namespace headwater
