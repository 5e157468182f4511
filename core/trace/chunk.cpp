// SPDX-License-Identifier: Apache-2.0
#include "core/trace/chunk.h"

#include "core/base/half.h"
#include "core/trace/stored_probability.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace headwater {
namespace {

enum class Counts { QueryBlocks, Edges, Rows, Columns };
struct FieldFormat {
    const char* name;
    FieldCodec codec;
    Counts counts;
};

constexpr std::array<FieldFormat, kChunkFields> kFields = {{
    {"column_mass", FieldCodec::ShuffleZstd4, Counts::Columns},
    {"key_block", FieldCodec::DeltaShuffleZstd4, Counts::Edges},
    {"lse", FieldCodec::ShuffleZstd4, Counts::Rows},
    {"mass", FieldCodec::ShuffleZstd2, Counts::Edges},
    {"missed", FieldCodec::ShuffleZstd2, Counts::Rows},
    {"missed_peak", FieldCodec::ShuffleZstd2, Counts::Rows},
    {"peak", FieldCodec::ShuffleZstd2, Counts::Edges},
    {"peak_at", FieldCodec::ShuffleZstd2, Counts::Edges},
    {"row_ptr", FieldCodec::DeltaShuffleZstd4, Counts::QueryBlocks},
}};

constexpr std::uint32_t kMaxColumns = 1024;
constexpr std::uint64_t kChunkBytes = 3u << 19; ///< raw bytes of all fields after which a chunk ends
constexpr std::uint64_t kSmallBytes = 64u << 10;
constexpr std::uint64_t kBytesPerEdge = 10;
constexpr std::uint64_t kBytesPerRow = 8;
constexpr std::uint16_t kHalfOne = 0x3C00;
constexpr std::uint16_t kHalfNan = 0x7E00;

const FieldFormat& formatOf(ChunkField field)
{
    return kFields[static_cast<std::size_t>(field)];
}

std::uint32_t queryBlocksOf(const BlockGrid& grid, const ChunkRange& range)
{
    return (range.rows + grid.blockQ - 1) / grid.blockQ;
}

std::uint64_t rawBytes(std::uint64_t edges, std::uint64_t rows)
{
    return edges * kBytesPerEdge + rows * kBytesPerRow;
}

/// Rounded to nearest; a positive value never becomes 0.
std::vector<std::uint16_t> halvesOf(std::span<const float> values)
{
    std::vector<std::uint16_t> halves(values.size());
    halvesFromFloats(values, halves);
    for (std::size_t i = 0; i < halves.size(); ++i) {
        if (halves[i] == 0 && values[i] > 0)
            halves[i] = 1;
        else if (std::isnan(values[i]))
            halves[i] = kHalfNan;
        else if (halves[i] == 0x8000)
            halves[i] = 0;
        else if (halves[i] > kHalfOne)
            halves[i] = kHalfOne;
    }
    return halves;
}

/// Rounded up: what was a bound still is one.
std::vector<std::uint16_t> boundsOf(std::span<const float> values)
{
    std::vector<std::uint16_t> halves = halvesOf(values);
    for (std::size_t i = 0; i < halves.size(); ++i) {
        if (floatFromHalf(halves[i]) < values[i] && halves[i] < kHalfOne)
            ++halves[i];
    }
    return halves;
}

std::vector<float> columnMassOf(const Chunk& chunk, std::span<const float> mass)
{
    const std::uint32_t columnTokens = columnTokensOf(chunk.grid, chunk.range);
    std::vector<double> sums(elementsOf(ChunkField::ColumnMass, chunk.grid, chunk.range));
    const std::uint32_t firstBlock = chunk.range.firstRow / chunk.grid.blockQ;
    for (std::uint32_t block = 0; block + 1 < chunk.rowPtr.size(); ++block) {
        const std::uint32_t rows =
            chunk.grid.endRow(firstBlock + block) - chunk.grid.firstRow(firstBlock + block);
        for (std::uint32_t edge = chunk.rowPtr[block]; edge < chunk.rowPtr[block + 1]; ++edge) {
            const std::uint64_t token = std::uint64_t{chunk.keyBlock[edge]} * chunk.grid.blockK;
            sums[token / columnTokens] += static_cast<double>(mass[edge]) * rows;
        }
    }
    std::vector<float> columns(sums.size());
    std::transform(sums.begin(), sums.end(), columns.begin(),
                   [](double sum) { return static_cast<float>(sum); });
    return columns;
}

Chunk chunkOf(const HeadRecord& record, const ChunkRange& range)
{
    const std::uint32_t firstBlock = (range.firstRow - record.firstRow) / record.grid.blockQ;
    const std::uint32_t blocks = queryBlocksOf(record.grid, range);
    const std::size_t firstRow = range.firstRow - record.firstRow;
    BlockEdges<float> edges = record.slice(firstBlock, firstBlock + blocks);
    Chunk chunk;
    chunk.grid = record.grid;
    chunk.range = range;
    chunk.mass = halvesOf(edges.mass);
    chunk.peak = halvesOf(edges.peak);
    chunk.rowPtr = std::move(edges.rowPtr);
    chunk.keyBlock = std::move(edges.keyBlock);
    chunk.peakAt = std::move(edges.peakAt);
    const auto rowsOf = [&](const auto& values) { return std::span(values).subspan(firstRow, range.rows); };
    chunk.lse.assign(rowsOf(record.lse).begin(), rowsOf(record.lse).end());
    chunk.missed = halvesOf(rowsOf(record.missed));
    chunk.missedPeak = boundsOf(rowsOf(record.missedPeak));
    chunk.columnMass = columnMassOf(chunk, edges.mass);
    return chunk;
}

Result<void> checkRecordShape(const HeadRecord& record)
{
    const auto bad = [](std::string what) { return Error{ErrorCode::InvalidArgument, std::move(what), {}}; };
    const BlockGrid& grid = record.grid;
    const auto isBlock = [](std::uint32_t side) {
        return std::has_single_bit(side) && side >= 4 && side <= 256;
    };
    if (!isBlock(grid.blockQ) || !isBlock(grid.blockK))
        return bad(
            fmt::format("blocks of {}/{}: expected powers of two from 4 to 256", grid.blockQ, grid.blockK));
    if (record.numRows == 0 || record.firstRow % kTileRows != 0
        || std::uint64_t{record.firstRow} + record.numRows != grid.seqLen) {
        return bad(fmt::format("rows {} + {} of {}: expected whole groups of 256 rows up to the end",
                               record.firstRow, record.numRows, grid.seqLen));
    }
    const std::size_t blocks = grid.numQueryBlocks() - record.firstRow / grid.blockQ;
    if (record.rowPtr.size() != blocks + 1 || record.rowPtr.front() != 0)
        return bad("rowPtr does not fit the rows");
    const std::size_t edges = record.rowPtr.back();
    if (record.keyBlock.size() != edges || record.mass.size() != edges || record.peak.size() != edges
        || record.peakAt.size() != edges)
        return bad("the edge arrays do not fit rowPtr");
    if (record.lse.size() != record.numRows || record.missed.size() != record.numRows
        || record.missedPeak.size() != record.numRows)
        return bad("the row arrays do not fit the rows");
    if (record.tokenZero.size() != blocks
        || record.extras.size() != (record.numRows + kTileRows - 1) / kTileRows)
        return bad("token 0's shares or the extras do not fit the rows");
    if (record.selection == Selection::Auto)
        return bad("the selection must be resolved");
    return {};
}

} // namespace

const char* nameOf(ChunkField field)
{
    return formatOf(field).name;
}

std::optional<ChunkField> chunkFieldOfName(std::string_view name)
{
    for (std::size_t field = 0; field < kChunkFields; ++field) {
        if (name == kFields[field].name)
            return static_cast<ChunkField>(field);
    }
    return std::nullopt;
}

FieldCodec codecOf(ChunkField field)
{
    return formatOf(field).codec;
}

std::size_t elementBytesOf(ChunkField field)
{
    return elementBytesOf(formatOf(field).codec);
}

std::uint32_t columnTokensOf(const BlockGrid& grid, const ChunkRange& range)
{
    const std::uint32_t end = range.firstRow + range.rows;
    return std::max(grid.blockK, std::bit_ceil((end + kMaxColumns - 1) / kMaxColumns));
}

std::uint64_t elementsOf(ChunkField field, const BlockGrid& grid, const ChunkRange& range)
{
    switch (formatOf(field).counts) {
    case Counts::QueryBlocks:
        return std::uint64_t{queryBlocksOf(grid, range)} + 1;
    case Counts::Edges:
        return range.edges;
    case Counts::Rows:
        return range.rows;
    case Counts::Columns: {
        const std::uint32_t columnTokens = columnTokensOf(grid, range);
        return (range.firstRow + range.rows + columnTokens - 1) / columnTokens;
    }
    }
    return 0;
}

Result<void> checkRecord(const HeadRecord& record)
{
    HEADWATER_TRY(checkRecordShape(record));
    const HeadShape shape = record.shape();
    const ChunkRange range{record.firstRow, record.numRows, record.keyBlock.size()};
    const auto invalid = [](const Error& error) {
        return Error{ErrorCode::InvalidArgument, error.message, {}};
    };
    if (const auto checked = checkRowPtr(record.rowPtr, range); !checked)
        return invalid(checked.error());
    if (const auto checked = checkKeyBlocks(shape, range, record.rowPtr, record.keyBlock); !checked)
        return invalid(checked.error());
    if (const auto checked = checkPeaks(shape, range, record.rowPtr, record.keyBlock, record.peakAt);
        !checked)
        return invalid(checked.error());
    const auto inRange = [](std::span<const float> values) {
        return std::all_of(values.begin(), values.end(), isProbability);
    };
    const auto inRangeOrUnknown = [](std::span<const float> values) {
        return std::all_of(values.begin(), values.end(),
                           [](float v) { return std::isnan(v) || isProbability(v); });
    };
    if (!inRange(record.mass) || !inRange(record.peak) || !inRangeOrUnknown(record.missed)
        || !inRangeOrUnknown(record.missedPeak))
        return Error{ErrorCode::InvalidArgument, "a probability is outside [0, 1]", {}};
    return {};
}

std::vector<Chunk> chunksOf(const HeadRecord& record, std::uint32_t tailRow)
{
    std::vector<Chunk> chunks;
    const std::uint32_t endRow = record.firstRow + record.numRows;
    const auto edgesBefore = [&](std::uint32_t row) {
        const std::uint32_t block = (row - record.firstRow + record.grid.blockQ - 1) / record.grid.blockQ;
        return record.rowPtr[block];
    };
    ChunkRange range{record.firstRow, 0, 0};
    while (range.firstRow < endRow) {
        std::uint32_t end = range.firstRow;
        std::uint64_t bytes = 0;
        do {
            end = std::min(endRow, end + kTileRows);
            const std::uint64_t edges = edgesBefore(end) - edgesBefore(range.firstRow);
            bytes = rawBytes(edges, end - range.firstRow);
        } while (end < endRow && end != tailRow && bytes < kChunkBytes);
        range.rows = end - range.firstRow;
        range.edges = edgesBefore(end) - edgesBefore(range.firstRow);
        chunks.push_back(chunkOf(record, range));
        range.firstRow = end;
    }
    return chunks;
}

bool areSmall(const Chunk& first, const Chunk& next)
{
    return rawBytes(first.range.edges + next.range.edges, std::uint64_t{first.range.rows} + next.range.rows)
        <= kSmallBytes;
}

Chunk joined(Chunk first, const Chunk& next)
{
    const auto append = [](auto& values, const auto& more) {
        values.insert(values.end(), more.begin(), more.end());
    };
    Chunk both = std::move(first);
    const std::uint32_t columnTokens = columnTokensOf(both.grid, both.range);
    both.BlockEdges::append(next);
    append(both.lse, next.lse);
    append(both.missed, next.missed);
    append(both.missedPeak, next.missedPeak);
    both.grid = next.grid;
    both.range.rows += next.range.rows;
    both.range.edges += next.range.edges;
    // The columns are those of the later chunk, which ends where both do; the earlier ones are as fine or
    // finer.
    const std::uint32_t finer = columnTokensOf(next.grid, next.range) / columnTokens;
    const std::vector<float> columns = std::exchange(both.columnMass, next.columnMass);
    for (std::size_t column = 0; column < columns.size(); ++column)
        both.columnMass[column / finer] += columns[column];
    return both;
}

Result<void> checkRowPtr(std::span<const std::uint32_t> rowPtr, const ChunkRange& range)
{
    if (rowPtr.empty() || rowPtr.front() != 0 || rowPtr.back() != range.edges)
        return Error{
            ErrorCode::BadFormat, fmt::format("row_ptr does not run from 0 to {} edges", range.edges), {}};
    if (!std::is_sorted(rowPtr.begin(), rowPtr.end()))
        return Error{ErrorCode::BadFormat, "row_ptr decreases", {}};
    return {};
}

Result<void> checkKeyBlocks(const HeadShape& shape, const ChunkRange& range,
                            std::span<const std::uint32_t> rowPtr, std::span<const std::uint32_t> keyBlock)
{
    const BlockGrid& grid = shape.grid;
    const std::uint32_t firstBlock = range.firstRow / grid.blockQ;
    for (std::uint32_t block = 0; block + 1 < rowPtr.size(); ++block) {
        const std::uint32_t queryBlock = firstBlock + block;
        const std::uint32_t end = grid.numCausalKeyBlocks(queryBlock);
        const std::uint32_t firstRow = grid.firstRow(queryBlock);
        const std::uint32_t begin = shape.firstKey(firstRow) / grid.blockK;
        std::uint32_t least = begin; // the smallest key block that may come next
        for (std::uint32_t edge = rowPtr[block]; edge < rowPtr[block + 1]; ++edge) {
            const std::uint32_t key = keyBlock[edge];
            if (key >= end || key < least) {
                return Error{ErrorCode::BadFormat,
                             fmt::format("key block {} of query block {}: expected {} to {}, ascending", key,
                                         queryBlock, begin, end - 1),
                             {}};
            }
            least = key + 1;
        }
    }
    return {};
}

Result<void> checkPeaks(const HeadShape& shape, const ChunkRange& range,
                        std::span<const std::uint32_t> rowPtr, std::span<const std::uint32_t> keyBlock,
                        std::span<const std::uint16_t> peakAt)
{
    const BlockGrid& grid = shape.grid;
    const std::uint32_t firstBlock = range.firstRow / grid.blockQ;
    for (std::uint32_t block = 0; block + 1 < rowPtr.size(); ++block) {
        const std::uint32_t firstRow = grid.firstRow(firstBlock + block);
        const std::uint32_t rows = grid.endRow(firstBlock + block) - firstRow;
        for (std::uint32_t edge = rowPtr[block]; edge < rowPtr[block + 1]; ++edge) {
            const std::uint32_t row = peakAt[edge] >> 8;
            const std::uint32_t column = peakAt[edge] & 0xFF;
            const std::uint32_t key = keyBlock[edge] * grid.blockK + column;
            if (row >= rows || column >= grid.blockK || key > firstRow + row) {
                return Error{
                    ErrorCode::BadFormat,
                    fmt::format(
                        "peak_at ({}, {}) of query block {}, key block {} lies outside the block or in the "
                        "future",
                        row, column, firstBlock + block, keyBlock[edge]),
                    {}};
            }
        }
    }
    return {};
}

Result<void> checkProbabilities(std::span<const std::uint16_t> halves, bool allowUnknown)
{
    for (std::size_t i = 0; i < halves.size(); ++i) {
        if (halves[i] > kHalfOne && !(allowUnknown && halves[i] == kHalfNan)) {
            return Error{ErrorCode::BadFormat,
                         fmt::format("value {} at index {} is outside [0, 1]",
                                     static_cast<double>(floatFromHalf(halves[i])), i),
                         {}};
        }
    }
    return {};
}

} // namespace headwater
