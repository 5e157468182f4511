// SPDX-License-Identifier: Apache-2.0
#include "core/trace/chunk_store.h"

#include "core/trace/head_row.h"

#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

template <class T>
Result<void> addField(FieldCoder& coder, ChunkField field, const std::vector<T>& values, StoredChunk& stored)
{
    HEADWATER_TRY_ASSIGN(std::vector<std::byte> data, coder.encode(codecOf(field), values));
    stored.fields.push_back({field, std::move(data)});
    return {};
}

Error damaged(const HeadInfo& info, std::string message)
{
    return {ErrorCode::BadFormat, std::move(message), headName(info.layer, info.head)};
}

/// Checks one row of the range listing against the ones before it.
Result<void> addRange(const HeadInfo& info, const SqliteStatement& row, std::vector<ChunkRange>& ranges,
                      std::size_t& fields)
{
    const std::int64_t firstRow = row.integer(0);
    const std::int64_t rows = row.integer(2);
    const std::int64_t edges = row.integer(3);
    const bool isNew = ranges.empty() || ranges.back().firstRow != firstRow;
    if (isNew) {
        const std::int64_t expected =
            ranges.empty() ? 0 : ranges.back().firstRow + std::int64_t{ranges.back().rows};
        if (!ranges.empty() && fields != kChunkFields) {
            return damaged(info,
                           fmt::format("chunk at row {} has {} of {} fields", ranges.back().firstRow, fields,
                                       kChunkFields));
        }
        if (firstRow != expected || firstRow % 256 != 0)
            return damaged(info, fmt::format("chunk at row {}: expected row {}", firstRow, expected));
        if (rows < 1 || firstRow + rows > info.rows)
            return damaged(
                info, fmt::format("chunk at row {} has {} rows of the head's {}", firstRow, rows, info.rows));
        if (edges < 0 || static_cast<std::uint64_t>(edges) > std::min(info.edges, kMaxChunkEdges))
            return damaged(
                info,
                fmt::format("chunk at row {} has {} edges of the head's {}", firstRow, edges, info.edges));
        ranges.push_back({static_cast<std::uint32_t>(firstRow), static_cast<std::uint32_t>(rows),
                          static_cast<std::uint64_t>(edges)});
        fields = 0;
    }
    const ChunkRange& range = ranges.back();
    if (rows != range.rows || static_cast<std::uint64_t>(edges) != range.edges)
        return damaged(info, fmt::format("chunk at row {}: its fields differ in rows or edges", firstRow));
    const auto field = chunkFieldOfName(row.text(1));
    if (!field || static_cast<std::size_t>(*field) != fields)
        return damaged(info, fmt::format("chunk at row {}: field '{}' is unexpected", firstRow, row.text(1)));
    ++fields;
    return {};
}

} // namespace

Result<StoredChunk> encodeChunk(FieldCoder& coder, const Chunk& chunk)
{
    StoredChunk stored;
    stored.range = chunk.range;
    HEADWATER_TRY(addField(coder, ChunkField::RowPtr, chunk.rowPtr, stored));
    HEADWATER_TRY(addField(coder, ChunkField::KeyBlock, chunk.keyBlock, stored));
    HEADWATER_TRY(addField(coder, ChunkField::Mass, chunk.mass, stored));
    HEADWATER_TRY(addField(coder, ChunkField::Peak, chunk.peak, stored));
    HEADWATER_TRY(addField(coder, ChunkField::PeakAt, chunk.peakAt, stored));
    HEADWATER_TRY(addField(coder, ChunkField::Lse, chunk.lse, stored));
    HEADWATER_TRY(addField(coder, ChunkField::Missed, chunk.missed, stored));
    HEADWATER_TRY(addField(coder, ChunkField::MissedPeak, chunk.missedPeak, stored));
    HEADWATER_TRY(addField(coder, ChunkField::ColumnMass, chunk.columnMass, stored));
    return stored;
}

Result<void> insertChunk(RowInserter& inserter, int layer, int head, const StoredChunk& chunk)
{
    for (const StoredField& field : chunk.fields) {
        const std::array<SqlValue, 8> values = {SqlValue(std::int64_t{layer}),
                                                SqlValue(std::int64_t{head}),
                                                SqlValue(std::int64_t{chunk.range.firstRow}),
                                                SqlValue(std::string_view(nameOf(field.field))),
                                                SqlValue(std::int64_t{chunk.range.rows}),
                                                SqlValue(static_cast<std::int64_t>(chunk.range.edges)),
                                                SqlValue(std::string_view(nameOf(codecOf(field.field)))),
                                                SqlValue(std::span<const std::byte>(field.data))};
        HEADWATER_TRY(inserter.insert(values));
    }
    return {};
}

Result<std::vector<ChunkRange>> readChunkRanges(const SqliteDatabase& database, const HeadInfo& info)
{
    HEADWATER_TRY_ASSIGN(
        SqliteStatement row,
        database.prepare("SELECT first_row, field, rows, edges FROM chunk WHERE layer=? AND head=? "
                         "ORDER BY first_row, field"));
    const std::array<SqlValue, 2> key = {SqlValue(std::int64_t{info.layer}),
                                         SqlValue(std::int64_t{info.head})};
    HEADWATER_TRY(row.bind(key));
    std::vector<ChunkRange> ranges;
    std::size_t fields = kChunkFields;
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            break;
        HEADWATER_TRY(addRange(info, row, ranges, fields));
        if (ranges.size() > info.chunks)
            return damaged(info, fmt::format("more than the head's {} chunks", info.chunks));
    }
    std::uint64_t edges = 0;
    for (const ChunkRange& range : ranges)
        edges += range.edges;
    const std::uint64_t rows =
        ranges.empty() ? 0 : std::uint64_t{ranges.back().firstRow} + ranges.back().rows;
    if (ranges.size() != info.chunks || fields != kChunkFields)
        return damaged(info, fmt::format("{} of the head's {} chunks are there", ranges.size(), info.chunks));
    if (info.chunks > 0 && (edges != info.edges || rows != info.rows)) {
        return damaged(info,
                       fmt::format("its chunks hold {} rows and {} edges, expected {} and {}", rows, edges,
                                   info.rows, info.edges));
    }
    return ranges;
}

Result<ChunkReader> ChunkReader::prepare(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(
        SqliteStatement statement,
        database.prepare("SELECT * FROM chunk WHERE layer=? AND head=? AND first_row=? AND field=?"));
    return ChunkReader(std::move(statement));
}

std::string fieldName(const HeadInfo& info, const ChunkRange& range, ChunkField field)
{
    return fmt::format("{}, chunk at row {}, field {}", headName(info.layer, info.head), range.firstRow,
                       nameOf(field));
}

Result<ChunkReader::Blob> ChunkReader::read(const HeadInfo& info, const ChunkRange& range, ChunkField field)
{
    const auto bad = [&](std::string message) {
        return Error{ErrorCode::BadFormat, std::move(message), fieldName(info, range, field)};
    };
    const std::array<SqlValue, 4> key = {
        SqlValue(std::int64_t{info.layer}), SqlValue(std::int64_t{info.head}),
        SqlValue(std::int64_t{range.firstRow}), SqlValue(std::string_view(nameOf(field)))};
    HEADWATER_TRY(m_statement.bind(key));
    const Result<bool> hasRow = m_statement.step();
    if (!hasRow)
        return inContext(hasRow.error(), fieldName(info, range, field));
    if (!*hasRow)
        return bad("is missing");
    if (const auto checked = checkRowHash(tableOf(TraceTableId::Chunk), m_statement); !checked)
        return bad(checked.error().message);
    const auto codec = fieldCodecOfName(m_statement.text(6));
    if (!codec || headwater::elementBytesOf(*codec) != headwater::elementBytesOf(field))
        return bad(fmt::format("codec '{}' is not known for this field", m_statement.text(6)));
    if (m_statement.integer(4) != range.rows
        || static_cast<std::uint64_t>(m_statement.integer(5)) != range.edges)
        return bad("its rows or edges changed while they were read");
    const std::span<const std::byte> data = m_statement.blob(8);
    Blob blob{*codec, {data.begin(), data.end()}};
    m_statement.reset();
    return blob;
}

template <class T>
Result<void> decodeField(FieldCoder& coder, const HeadInfo& info, const ChunkRange& range, ChunkField field,
                         const ChunkReader::Blob& blob, std::vector<T>& values)
{
    const std::uint64_t count = elementsOf(field, {info.rows, info.blockQ, info.blockK}, range);
    const auto decoded = coder.decodeAppend(blob.codec, blob.data, static_cast<std::size_t>(count), values);
    if (!decoded)
        return inContext(decoded.error(), fieldName(info, range, field));
    return {};
}

template Result<void> decodeField(FieldCoder&, const HeadInfo&, const ChunkRange&, ChunkField,
                                  const ChunkReader::Blob&, std::vector<std::uint32_t>&);
template Result<void> decodeField(FieldCoder&, const HeadInfo&, const ChunkRange&, ChunkField,
                                  const ChunkReader::Blob&, std::vector<std::uint16_t>&);
template Result<void> decodeField(FieldCoder&, const HeadInfo&, const ChunkRange&, ChunkField,
                                  const ChunkReader::Blob&, std::vector<float>&);

namespace {

template <class T>
Result<void> readField(ChunkReader& reader, FieldCoder& coder, const HeadInfo& info, const ChunkRange& range,
                       ChunkField field, std::vector<T>& values)
{
    HEADWATER_TRY_ASSIGN(const ChunkReader::Blob blob, reader.read(info, range, field));
    return decodeField(coder, info, range, field, blob, values);
}

} // namespace

Result<Chunk> readChunk(ChunkReader& reader, FieldCoder& coder, const HeadInfo& info, const ChunkRange& range)
{
    Chunk chunk;
    chunk.grid = {info.rows, info.blockQ, info.blockK};
    chunk.range = range;
    const HeadShape shape = shapeOf(info);
    const auto named = [&](const Result<void>& checked, ChunkField field) -> Result<void> {
        if (!checked)
            return inContext(checked.error(), fieldName(info, range, field));
        return {};
    };
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::RowPtr, chunk.rowPtr));
    HEADWATER_TRY(named(checkRowPtr(chunk.rowPtr, range), ChunkField::RowPtr));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::KeyBlock, chunk.keyBlock));
    HEADWATER_TRY(named(checkKeyBlocks(shape, range, chunk.rowPtr, chunk.keyBlock), ChunkField::KeyBlock));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::PeakAt, chunk.peakAt));
    HEADWATER_TRY(
        named(checkPeaks(shape, range, chunk.rowPtr, chunk.keyBlock, chunk.peakAt), ChunkField::PeakAt));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::Mass, chunk.mass));
    HEADWATER_TRY(named(checkProbabilities(chunk.mass, false), ChunkField::Mass));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::Peak, chunk.peak));
    HEADWATER_TRY(named(checkProbabilities(chunk.peak, false), ChunkField::Peak));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::Lse, chunk.lse));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::Missed, chunk.missed));
    HEADWATER_TRY(named(checkProbabilities(chunk.missed, true), ChunkField::Missed));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::MissedPeak, chunk.missedPeak));
    HEADWATER_TRY(named(checkProbabilities(chunk.missedPeak, true), ChunkField::MissedPeak));
    HEADWATER_TRY(readField(reader, coder, info, range, ChunkField::ColumnMass, chunk.columnMass));
    return chunk;
}

} // namespace headwater
