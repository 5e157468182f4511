// SPDX-License-Identifier: Apache-2.0
#include "core/trace/head_loader.h"

#include "core/base/half.h"
#include "core/base/half_bound.h"
#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/trace/array_store.h"
#include "core/trace/chunk_store.h"
#include "core/trace/head_row.h"
#include "core/trace/overview.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace headwater {
namespace {

Error noEdges(const HeadInfo& info)
{
    return {ErrorCode::NotFound, "only the overviews of this head are stored, not its edges",
            headName(info.layer, info.head)};
}

Result<void> reserveEdges(const HeadInfo& info, std::span<const ChunkRange> ranges, EdgeSlice& edges)
{
    std::uint64_t count = 0;
    std::uint64_t rows = 0;
    for (const ChunkRange& range : ranges) {
        count += range.edges;
        rows += range.rows;
    }
    const std::uint64_t queryBlocks = (rows + info.blockQ - 1) / info.blockQ;
    const std::uint64_t bytes = count * 10 + queryBlocks * 4;
    if (count > std::numeric_limits<std::uint32_t>::max())
        return Error{ErrorCode::Unsupported,
                     fmt::format("{} edges, this version reads at most 2^32 of a head", count),
                     headName(info.layer, info.head)};
    if (const AvailableMemory memory = availableMemory(); bytes > memory.bytes) {
        return Error{ErrorCode::OutOfMemory,
                     fmt::format("its {} edges need {}, {}", count, humanBytes(bytes), memory.text()),
                     headName(info.layer, info.head)};
    }
    // Chunks are proven one by one, so only a modest total is taken on the head row's word.
    constexpr std::uint64_t kTrustedEdges = 16u << 20;
    if (count <= kTrustedEdges)
        edges.reserve(static_cast<std::size_t>(queryBlocks), static_cast<std::size_t>(count));
    return {};
}

/// Reads, decodes, checks and appends one chunk's edges.
class EdgeAppender {
public:
    EdgeAppender(ChunkReader& reader, FieldCoder& coder, const HeadInfo& info, EdgeSlice& edges)
        : m_reader(reader)
        , m_coder(coder)
        , m_info(info)
        , m_edges(edges)
    {
    }

    Result<void> append(const ChunkRange& range)
    {
        const std::size_t before = m_edges.keyBlock.size();
        const HeadShape shape = shapeOf(m_info);
        m_rowPtr.clear();
        HEADWATER_TRY(take(range, ChunkField::RowPtr, m_rowPtr));
        HEADWATER_TRY(named(checkRowPtr(m_rowPtr, range), range, ChunkField::RowPtr));
        HEADWATER_TRY(take(range, ChunkField::KeyBlock, m_edges.keyBlock));
        const auto keyBlock = std::span<const std::uint32_t>(m_edges.keyBlock).subspan(before);
        HEADWATER_TRY(named(checkKeyBlocks(shape, range, m_rowPtr, keyBlock), range, ChunkField::KeyBlock));
        HEADWATER_TRY(takeProbabilities(range, ChunkField::Mass, m_edges.mass));
        HEADWATER_TRY(takeProbabilities(range, ChunkField::Peak, m_edges.peak));
        HEADWATER_TRY(take(range, ChunkField::PeakAt, m_edges.peakAt));
        const auto peakAt = std::span<const std::uint16_t>(m_edges.peakAt).subspan(before);
        HEADWATER_TRY(named(checkPeaks(shape, range, m_rowPtr, keyBlock, peakAt), range, ChunkField::PeakAt));
        for (std::size_t block = 1; block < m_rowPtr.size(); ++block)
            m_edges.rowPtr.push_back(static_cast<std::uint32_t>(before) + m_rowPtr[block]);
        return {};
    }

private:
    template <class T> Result<void> take(const ChunkRange& range, ChunkField field, std::vector<T>& values)
    {
        HEADWATER_TRY_ASSIGN(const ChunkReader::Blob blob, m_reader.read(m_info, range, field));
        return decodeField(m_coder, m_info, range, field, blob, values);
    }

    Result<void> takeProbabilities(const ChunkRange& range, ChunkField field,
                                   std::vector<std::uint16_t>& values)
    {
        const std::size_t before = values.size();
        HEADWATER_TRY(take(range, field, values));
        const auto added = std::span<const std::uint16_t>(values).subspan(before);
        return named(checkProbabilities(added, false), range, field);
    }

    Result<void> named(const Result<void>& checked, const ChunkRange& range, ChunkField field) const
    {
        if (!checked)
            return inContext(checked.error(), fieldName(m_info, range, field));
        return {};
    }

    ChunkReader& m_reader;
    FieldCoder& m_coder;
    const HeadInfo& m_info;
    EdgeSlice& m_edges;
    std::vector<std::uint32_t> m_rowPtr;
};

/// Missed peaks of format 1.0 were rounded to the nearest binary16: a bound of what they came from.
void widenBounds(std::vector<float>& bounds)
{
    for (float& bound : bounds) {
        if (!std::isnan(bound))
            bound = boundOfNearestHalf(bound);
    }
}

Result<void> appendFloats(std::span<const std::uint16_t> halves, std::vector<float>& values)
{
    HEADWATER_TRY(checkProbabilities(halves, true));
    const std::size_t before = values.size();
    values.resize(before + halves.size());
    floatsFromHalves(halves, std::span(values).subspan(before));
    return {};
}

} // namespace

Result<std::vector<ChunkRange>> HeadLoader::allRanges()
{
    if (m_info.chunks == 0)
        return noEdges(m_info);
    return readChunkRanges(m_database, m_info);
}

Result<std::vector<ChunkRange>> HeadLoader::rangesOf(const TokenRange& queries)
{
    if (queries.begin >= queries.end || queries.end > m_info.rows) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("query rows [{}, {}): expected at least one of its {} rows", queries.begin,
                                 queries.end, m_info.rows),
                     headName(m_info.layer, m_info.head)};
    }
    HEADWATER_TRY_ASSIGN(std::vector<ChunkRange> ranges, allRanges());
    std::erase_if(ranges, [&queries](const ChunkRange& range) {
        return range.firstRow >= queries.end || range.firstRow + range.rows <= queries.begin;
    });
    return ranges;
}

Result<void> HeadLoader::takeEdges(std::span<const ChunkRange> ranges, const std::stop_token& stop,
                                   EdgeSlice& edges)
{
    edges.grid = {m_info.rows, m_info.blockQ, m_info.blockK};
    edges.firstBlock = ranges.front().firstRow / m_info.blockQ;
    HEADWATER_TRY(reserveEdges(m_info, ranges, edges));
    edges.rowPtr.push_back(0);
    HEADWATER_TRY_ASSIGN(ChunkReader reader, ChunkReader::prepare(m_database));
    EdgeAppender appender(reader, m_coder, m_info, edges);
    for (const ChunkRange& range : ranges) {
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped while reading edges",
                         headName(m_info.layer, m_info.head)};
        HEADWATER_TRY(appender.append(range));
    }
    return {};
}

Result<std::shared_ptr<const HeadEdges>> HeadLoader::edges(std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, allRanges());
    auto edges = std::make_shared<HeadEdges>();
    HEADWATER_TRY(takeEdges(ranges, stop, *edges));
    return std::shared_ptr<const HeadEdges>(std::move(edges));
}

Result<std::shared_ptr<const EdgeSlice>> HeadLoader::edges(const TokenRange& queries, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, rangesOf(queries));
    auto edges = std::make_shared<EdgeSlice>();
    HEADWATER_TRY(takeEdges(ranges, stop, *edges));
    return std::shared_ptr<const EdgeSlice>(std::move(edges));
}

Result<void> HeadLoader::takeRows(std::span<const ChunkRange> ranges, RowSlice& rows)
{
    rows.firstRow = ranges.front().firstRow;
    HEADWATER_TRY_ASSIGN(ChunkReader reader, ChunkReader::prepare(m_database));
    for (const ChunkRange& range : ranges) {
        HEADWATER_TRY_ASSIGN(const ChunkReader::Blob lse, reader.read(m_info, range, ChunkField::Lse));
        HEADWATER_TRY(decodeField(m_coder, m_info, range, ChunkField::Lse, lse, rows.lse));
        for (const ChunkField field : {ChunkField::Missed, ChunkField::MissedPeak}) {
            HEADWATER_TRY_ASSIGN(const ChunkReader::Blob blob, reader.read(m_info, range, field));
            std::vector<std::uint16_t> halves;
            HEADWATER_TRY(decodeField(m_coder, m_info, range, field, blob, halves));
            std::vector<float>& values = field == ChunkField::Missed ? rows.missed : rows.missedPeak;
            if (const auto appended = appendFloats(halves, values); !appended)
                return inContext(appended.error(), fieldName(m_info, range, field));
        }
    }
    if (m_minor < 1)
        widenBounds(rows.missedPeak);
    return {};
}

Result<std::shared_ptr<const HeadRows>> HeadLoader::rows()
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, allRanges());
    auto rows = std::make_shared<HeadRows>();
    HEADWATER_TRY(takeRows(ranges, *rows));
    return std::shared_ptr<const HeadRows>(std::move(rows));
}

Result<std::shared_ptr<const RowSlice>> HeadLoader::rows(const TokenRange& queries)
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, rangesOf(queries));
    auto rows = std::make_shared<RowSlice>();
    HEADWATER_TRY(takeRows(ranges, *rows));
    return std::shared_ptr<const RowSlice>(std::move(rows));
}

Result<Trace::ColumnMass> HeadLoader::columnMass()
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, allRanges());
    HEADWATER_TRY_ASSIGN(ChunkReader reader, ChunkReader::prepare(m_database));
    const BlockGrid grid{m_info.rows, m_info.blockQ, m_info.blockK};
    // The last chunk has the longest past, so the coarsest columns.
    const std::uint32_t columnTokens = columnTokensOf(grid, ranges.back());
    std::vector<double> sums(elementsOf(ChunkField::ColumnMass, grid, ranges.back()));
    std::vector<float> columns;
    for (const ChunkRange& range : ranges) {
        HEADWATER_TRY_ASSIGN(const ChunkReader::Blob blob,
                             reader.read(m_info, range, ChunkField::ColumnMass));
        columns.clear();
        HEADWATER_TRY(decodeField(m_coder, m_info, range, ChunkField::ColumnMass, blob, columns));
        const std::uint32_t finer = columnTokens / columnTokensOf(grid, range);
        for (std::size_t column = 0; column < columns.size(); ++column)
            sums[column / finer] += static_cast<double>(columns[column]);
    }
    Trace::ColumnMass result;
    result.columnTokens = columnTokens;
    for (const double sum : sums)
        result.mass.push_back(static_cast<float>(sum));
    return result;
}

Result<Overview> HeadLoader::overview(std::uint32_t side)
{
    const std::string where =
        fmt::format("{}, overview of side {}", headName(m_info.layer, m_info.head), side);
    HEADWATER_TRY_ASSIGN(SqliteStatement row,
                         m_database.prepare("SELECT * FROM overview WHERE side=? AND layer=? AND head=?"));
    const std::array<SqlValue, 3> key = {SqlValue(std::int64_t{side}), SqlValue(std::int64_t{m_info.layer}),
                                         SqlValue(std::int64_t{m_info.head})};
    HEADWATER_TRY(row.bind(key));
    const Result<bool> hasRow = row.step();
    if (!hasRow)
        return inContext(hasRow.error(), where);
    if (!*hasRow)
        return Error{ErrorCode::NotFound, "is not in the trace", where};
    Result<Overview> overview = readOverviewRow(m_coder, row, m_info.rows);
    if (!overview)
        return inContext(overview.error(), where);
    const OverviewShape smallest = overviewShapes({m_info.rows, m_info.blockQ, m_info.blockK}).front();
    if (m_minor >= 1 && OverviewShape{overview->side, overview->level} == smallest) {
        HEADWATER_TRY_ASSIGN(overview->content, content(*overview));
    }
    return overview;
}

Result<std::vector<std::uint8_t>> HeadLoader::content(const Overview& overview)
{
    const std::string name = contentName(m_info.layer, m_info.head);
    const Result<NamedArray> read = readArray(m_database, m_coder, name);
    if (!read && read.error().code == ErrorCode::NotFound)
        return std::vector<std::uint8_t>(); // its program made none
    if (!read)
        return read.error();
    const NamedArray& array = *read;
    if (array.dtype != "u8" || array.shape != std::vector<std::uint64_t>{overview.side, overview.side})
        return Error{ErrorCode::BadFormat,
                     fmt::format("is no u8 array of {} by {}", overview.side, overview.side),
                     fmt::format("array '{}'", name)};
    const auto* const codes = reinterpret_cast<const std::uint8_t*>(array.data.data());
    return std::vector<std::uint8_t>(codes, codes + array.data.size());
}

} // namespace headwater
