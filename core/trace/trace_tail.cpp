// SPDX-License-Identifier: Apache-2.0
// The rows that are forwarded again with the generated tokens take the place of those before.
#include "core/trace/chunk_store.h"
#include "core/trace/head_row.h"
#include "core/trace/prediction_store.h"
#include "core/trace/trace_writer_state.h"

#include <fmt/format.h>
#include <unordered_set>

namespace headwater {

Result<std::vector<Chunk>> TraceWriter::State::chunksBefore(const HeadInfo& info, std::uint32_t tailRow)
{
    HEADWATER_TRY_ASSIGN(const std::vector<ChunkRange> ranges, readChunkRanges(*database, info));
    HEADWATER_TRY_ASSIGN(ChunkReader reader, ChunkReader::prepare(*database));
    std::vector<Chunk> chunks;
    std::uint32_t end = 0;
    for (const ChunkRange& range : ranges) {
        if (range.firstRow >= tailRow)
            break;
        HEADWATER_TRY_ASSIGN(Chunk chunk, readChunk(reader, coder, info, range));
        chunks.push_back(std::move(chunk));
        end = range.firstRow + range.rows;
    }
    if (end != tailRow)
        return Error{ErrorCode::InvalidArgument, fmt::format("no chunk begins at row {}", tailRow), {}};
    return chunks;
}

Result<void> TraceWriter::State::rewriteHead(const FinishedHead& head, std::uint32_t tailRow,
                                             std::map<int, std::vector<TokenRow>>& tokenRows,
                                             std::uint64_t& bytes)
{
    const std::array<SqlValue, 2> key = {SqlValue(std::int64_t{head.record.layer}),
                                         SqlValue(std::int64_t{head.record.head})};
    HeadInfo old;
    {
        HEADWATER_TRY_ASSIGN(SqliteStatement row,
                             database->prepare("SELECT * FROM head WHERE layer=? AND head=?"));
        HEADWATER_TRY(row.bind(key));
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            return Error{ErrorCode::InvalidArgument, "the head was not written before", {}};
        HEADWATER_TRY_ASSIGN(old, readHead(row, seqLen()));
    }
    if (old.chunks == 0 || !head.writeEdges)
        return Error{ErrorCode::InvalidArgument, "a head without edges has no tail", {}};
    if (old.blockQ != head.record.grid.blockQ || old.blockK != head.record.grid.blockK)
        return Error{ErrorCode::InvalidArgument, "the tail's blocks differ from the head's", {}};
    HEADWATER_TRY_ASSIGN(const std::vector<Chunk> before, chunksBefore(old, tailRow));
    HEADWATER_TRY_ASSIGN(EncodedHead encoded, encodeHead(coder, head, tailRow, before));
    for (const TokenRow& row : encoded.tokenRows) {
        if (row.row < tailRow)
            return Error{ErrorCode::InvalidArgument, "a token row lies before the tail", {}};
    }
    HEADWATER_TRY_ASSIGN(SqliteStatement dropChunks,
                         database->prepare("DELETE FROM chunk WHERE layer=? AND head=? AND first_row>=?"));
    // The first new chunk may hold the rows of the last old one too.
    const std::uint32_t firstRow = encoded.chunks.front().range.firstRow;
    const std::array<SqlValue, 3> fromTail = {key[0], key[1], SqlValue(std::int64_t{firstRow})};
    HEADWATER_TRY(dropChunks.run(fromTail));
    HEADWATER_TRY_ASSIGN(SqliteStatement dropOverviews,
                         database->prepare("DELETE FROM overview WHERE layer=? AND head=?"));
    HEADWATER_TRY(dropOverviews.run(key));
    bytes += encoded.bytes();
    appendRows(tokenRows[head.record.layer], std::move(encoded.tokenRows));
    return layers->insert(encoded);
}

Result<void> TraceWriter::rewriteTail(const Tail& tail)
{
    State& state = *m_state;
    TokenTables tables{tail.text,     tail.tokenOffsets,    tail.tokenIds,
                       tail.segments, tail.sentenceOffsets, state.tables.headsPerLayer};
    if (const auto checked = checkTokenTables(tables); !checked)
        return state.named({ErrorCode::InvalidArgument, checked.error().message, {}});
    const auto tokens = static_cast<std::uint32_t>(tables.tokenIds.size());
    std::uint64_t bytes = 0;
    const Result<void> done = state.transact("the tail", bytes, [&]() -> Result<void> {
        HEADWATER_TRY_ASSIGN(const std::int64_t stored, state.database->integer("SELECT count(*) FROM head"));
        if (static_cast<std::uint64_t>(stored) != tail.heads.size())
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("the tail has {} heads, the trace {}", tail.heads.size(), stored),
                         {}};
        HEADWATER_TRY_ASSIGN(SqliteStatement dropRows,
                             state.database->prepare("DELETE FROM row WHERE row>=?"));
        const std::array<SqlValue, 1> fromTail = {SqlValue(std::int64_t{tail.tailRow})};
        HEADWATER_TRY(dropRows.run(fromTail));
        std::unordered_set<std::uint64_t> seen;
        std::map<int, std::vector<TokenRow>> tokenRows;
        for (const FinishedHead& head : tail.heads) {
            const HeadRecord& record = head.record;
            const std::uint64_t id =
                static_cast<std::uint64_t>(record.layer) << 32 | static_cast<std::uint32_t>(record.head);
            if (record.firstRow != tail.tailRow || record.grid.seqLen != tokens || !seen.insert(id).second)
                return Error{ErrorCode::InvalidArgument, "the record is not this tail's",
                             headName(record.layer, record.head)};
            if (const auto rewritten = state.rewriteHead(head, tail.tailRow, tokenRows, bytes); !rewritten)
                return inContext(rewritten.error(), headName(record.layer, record.head));
        }
        for (const auto& [layer, rows] : tokenRows)
            HEADWATER_TRY(state.insertTokenRows(layer, rows, bytes));
        HEADWATER_TRY_ASSIGN(RowInserter arrays, RowInserter::prepare(*state.database, TraceTableId::Array));
        HEADWATER_TRY_ASSIGN(const std::uint64_t arrayBytes, insertTokenTables(arrays, state.coder, tables));
        bytes += arrayBytes;
        if (!tail.predictions && state.hasPredictions)
            return Error{ErrorCode::InvalidArgument, "the tail lacks the predictions the trace has", {}};
        if (tail.predictions)
            HEADWATER_TRY(
                insertPredictions(*state.database, state.coder, *tail.predictions, tables.tokenIds, bytes));
        return {};
    });
    if (done) {
        state.tables = std::move(tables);
        state.hasPredictions = tail.predictions != nullptr;
    }
    return done;
}

} // namespace headwater
