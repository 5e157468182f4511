// SPDX-License-Identifier: Apache-2.0
#include "core/trace/layer_writer.h"

#include "core/trace/array_store.h"
#include "core/trace/head_row.h"
#include "core/trace/token_row_store.h"

#include <fmt/format.h>

namespace headwater {
namespace {

HeadInfo infoOf(const TraceWriter::FinishedHead& head, std::uint64_t edgesBefore)
{
    const HeadRecord& record = head.record;
    HeadInfo info;
    info.layer = record.layer;
    info.head = record.head;
    info.kind = record.kind;
    info.window = record.kind == HeadKind::Sliding ? record.window : 0;
    info.normaliser = record.normaliser;
    info.selection = record.selection;
    info.keepKeys = head.keepKeys;
    info.blockQ = record.grid.blockQ;
    info.blockK = record.grid.blockK;
    info.rows = record.grid.seqLen;
    info.edges = edgesBefore + record.keyBlock.size();
    info.pairs = head.pairs;
    info.statistics = head.statistics;
    info.sinks = head.sinks;
    return info;
}

/// A reader refuses what breaks these, so a writer must.
Result<void> checkInfo(const HeadInfo& info)
{
    const auto bad = [](std::string message) {
        return Error{ErrorCode::InvalidArgument, std::move(message), {}};
    };
    if (info.layer < 0 || info.layer >= kMaxLayers || info.head < 0 || info.head >= kMaxHeads)
        return bad("layer or head is out of range");
    if (info.rows > kMaxTokens || info.keepKeys > kMaxTokens)
        return bad(fmt::format("{} rows, {} keys: at most {}", info.rows, info.keepKeys, kMaxTokens));
    if ((info.kind == HeadKind::Sliding) != (info.window > 0))
        return bad("a sliding head needs a window");
    const PairCounts& pairs = info.pairs;
    if (pairs.kept > pairs.usable || pairs.extra > pairs.kept || pairs.alwaysKept > pairs.kept
        || pairs.extraEdges > info.edges)
        return bad(fmt::format(
            "pairs do not add up: usable {}, kept {}, always kept {}, extra {}; edges {}, extra {}",
            pairs.usable, pairs.kept, pairs.alwaysKept, pairs.extra, info.edges, pairs.extraEdges));
    for (std::size_t i = 0; i < info.sinks.size(); ++i) {
        if (info.sinks[i] >= info.rows || (i > 0 && info.sinks[i] <= info.sinks[i - 1]))
            return bad("the sinks do not ascend below the length");
    }
    return {};
}

Result<std::vector<StoredArray>> arraysOf(FieldCoder& coder, const TraceWriter::FinishedHead& head)
{
    const int layer = head.record.layer;
    const int index = head.record.head;
    std::vector<StoredArray> arrays;
    const auto add = [&](const std::string& name, std::string_view dtype,
                         std::span<const std::uint64_t> shape,
                         std::span<const std::byte> data) -> Result<void> {
        HEADWATER_TRY_ASSIGN(StoredArray array, encodeArray(coder, name, dtype, shape, data));
        arrays.push_back(std::move(array));
        return {};
    };
    if (!head.contentCodes.empty()) {
        const std::array<std::uint64_t, 2> square = {head.contentShape.side, head.contentShape.side};
        HEADWATER_TRY(
            add(contentName(layer, index), "u8", square, std::as_bytes(std::span(head.contentCodes))));
    }
    if (!head.probeRow.empty()) {
        const std::array<std::uint64_t, 1> shape = {head.probeRow.size()};
        HEADWATER_TRY(
            add(probeRowsName(layer, index), "u32", shape, std::as_bytes(std::span(head.probeRow))));
        HEADWATER_TRY(
            add(probeKeptMassName(layer, index), "f32", shape, std::as_bytes(std::span(head.probeKeptMass))));
    }
    return arrays;
}

Result<EncodedHead> encodeChecked(FieldCoder& coder, const TraceWriter::FinishedHead& head,
                                  std::uint32_t tailRow, std::span<const Chunk> before)
{
    HEADWATER_TRY(checkRecord(head.record));
    EncodedHead encoded;
    std::uint64_t edgesBefore = 0;
    for (const Chunk& chunk : before)
        edgesBefore += chunk.range.edges;
    encoded.info = infoOf(head, edgesBefore);
    HEADWATER_TRY(checkInfo(encoded.info));
    for (const TokenRow& row : head.tokenRows) {
        HEADWATER_TRY(checkTokenRow(row, encoded.info.rows));
        if (row.layer != encoded.info.layer || row.head != encoded.info.head)
            return Error{ErrorCode::InvalidArgument, "a token row belongs to another head", {}};
    }
    if (head.probeRow.size() != head.probeKeptMass.size())
        return Error{ErrorCode::InvalidArgument, "probe rows and their masses differ in length", {}};

    const std::vector<OverviewShape> shapes = overviewShapes(head.record.grid);
    const std::size_t cells = std::size_t{shapes.front().side} * shapes.front().side;
    if (!head.contentCodes.empty()
        && (head.contentShape != shapes.front() || head.contentCodes.size() != cells))
        return Error{ErrorCode::InvalidArgument, "the content plane does not fit the smallest overview", {}};

    std::vector<Chunk> chunks = chunksOf(head.record, tailRow);
    if (!before.empty() && areSmall(before.back(), chunks.front())) {
        chunks.front() = joined(before.back(), chunks.front());
        before = before.first(before.size() - 1);
    }
    OverviewBuilder overviews(shapes);
    for (const Chunk& chunk : before)
        overviews.add(chunk);
    for (const Chunk& chunk : chunks) {
        overviews.add(chunk);
        if (!head.writeEdges)
            continue;
        HEADWATER_TRY_ASSIGN(StoredChunk stored, encodeChunk(coder, chunk));
        encoded.chunks.push_back(std::move(stored));
    }
    if (head.writeEdges)
        encoded.info.chunks = static_cast<std::uint32_t>(before.size() + encoded.chunks.size());
    for (const Overview& overview : overviews.finish()) {
        HEADWATER_TRY_ASSIGN(std::vector<std::byte> data, encodeOverview(coder, overview));
        encoded.overviews.push_back({{overview.side, overview.level}, std::move(data)});
    }
    encoded.tokenRows = head.tokenRows;
    HEADWATER_TRY_ASSIGN(encoded.arrays, arraysOf(coder, head));
    return encoded;
}

} // namespace

std::uint64_t EncodedHead::bytes() const
{
    std::uint64_t bytes = 0;
    for (const StoredChunk& chunk : chunks) {
        for (const StoredField& field : chunk.fields)
            bytes += field.data.size();
    }
    for (const Picture& picture : overviews)
        bytes += picture.data.size();
    for (const StoredArray& array : arrays)
        bytes += array.data.size();
    return bytes;
}

Result<EncodedHead> encodeHead(FieldCoder& coder, const TraceWriter::FinishedHead& head,
                               std::uint32_t tailRow, std::span<const Chunk> before)
{
    Result<EncodedHead> encoded = encodeChecked(coder, head, tailRow, before);
    if (!encoded)
        return inContext(encoded.error(), headName(head.record.layer, head.record.head));
    return encoded;
}

Result<LayerWriter> LayerWriter::prepare(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(RowInserter head, RowInserter::prepare(database, TraceTableId::Head));
    HEADWATER_TRY_ASSIGN(RowInserter chunk, RowInserter::prepare(database, TraceTableId::Chunk));
    HEADWATER_TRY_ASSIGN(RowInserter overview, RowInserter::prepare(database, TraceTableId::Overview));
    HEADWATER_TRY_ASSIGN(RowInserter row, RowInserter::prepare(database, TraceTableId::Row));
    HEADWATER_TRY_ASSIGN(RowInserter array, RowInserter::prepare(database, TraceTableId::Array));
    return LayerWriter(std::move(head), std::move(chunk), std::move(overview), std::move(row),
                       std::move(array));
}

Result<void> LayerWriter::insert(const EncodedHead& head)
{
    const int layer = head.info.layer;
    const int index = head.info.head;
    HEADWATER_TRY(insertHead(m_head, head.info));
    for (const StoredChunk& chunk : head.chunks)
        HEADWATER_TRY(insertChunk(m_chunk, layer, index, chunk));
    for (const EncodedHead::Picture& picture : head.overviews) {
        const std::array<SqlValue, 6> values = {SqlValue(std::int64_t{layer}),
                                                SqlValue(std::int64_t{index}),
                                                SqlValue(std::int64_t{picture.shape.side}),
                                                SqlValue(std::int64_t{picture.shape.level}),
                                                SqlValue(std::string_view(nameOf(FieldCodec::Zstd))),
                                                SqlValue(std::span<const std::byte>(picture.data))};
        HEADWATER_TRY(m_overview.insert(values));
    }
    for (const StoredArray& array : head.arrays)
        HEADWATER_TRY(insertArray(m_array, array));
    return {};
}

Result<void> LayerWriter::insertTokenRows(FieldCoder& coder, int layer, std::uint32_t numHeads,
                                          std::span<const TokenRow> rows, std::uint64_t& bytes)
{
    HEADWATER_TRY_ASSIGN(const std::vector<StoredTokenRow> packed, packTokenRows(coder, rows, numHeads));
    for (const StoredTokenRow& row : packed) {
        HEADWATER_TRY(insertTokenRow(m_row, layer, row));
        bytes += row.bytes();
    }
    return {};
}

} // namespace headwater
