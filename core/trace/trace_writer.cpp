// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_writer.h"

#include "core/base/bounded_json.h"
#include "core/base/text.h"
#include "core/trace/array_store.h"
#include "core/trace/chunk_store.h"
#include "core/trace/first_state.h"
#include "core/trace/head_row.h"
#include "core/trace/layer_writer.h"
#include "core/trace/prediction_store.h"
#include "core/trace/trace_file.h"
#include "core/trace/trace_place.h"
#include "core/trace/trace_seal.h"

#include <fmt/format.h>
#include <iterator>
#include <map>
#include <optional>
#include <sqlite3.h>
#include <unordered_set>

namespace headwater {
namespace {

constexpr int kBusyMilliseconds = 10000;
/// How long a seal waits for readers to close the file.
constexpr std::chrono::seconds kPatience(10);
/// What a -wal file begins with: its index, and the largest page of the schema, a table and the free list.
constexpr std::uint64_t kLogBytes = (32u << 10) + 3 * (16u << 10);

TokenTables tablesOf(const TraceWriter::Begin& begin)
{
    TokenTables tables{begin.text,     begin.tokenOffsets,    begin.tokenIds,
                       begin.segments, begin.sentenceOffsets, {}};
    for (const int heads : begin.headsPerLayer)
        tables.headsPerLayer.push_back(static_cast<std::uint32_t>(heads));
    return tables;
}

void append(std::vector<TokenRow>& rows, std::vector<TokenRow>&& more)
{
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

struct TraceWriter::State {
    std::filesystem::path path;
    std::optional<SqliteDatabase> database;
    std::optional<LayerWriter> layers;
    FieldCoder coder;
    TokenTables tables;
    bool hasPredictions = false;

    std::uint32_t seqLen() const { return static_cast<std::uint32_t>(tables.tokenIds.size()); }

    Error named(Error error) const { return inContext(std::move(error), path.string()); }

    Error failed(const Error& error, std::uint64_t bytes, const std::string& what) const
    {
        if (error.code != ErrorCode::Io)
            return named(error);
        std::error_code ignored;
        const auto space =
            std::filesystem::space(path.parent_path().empty() ? "." : path.parent_path(), ignored);
        return named(
            {ErrorCode::Io,
             fmt::format(
                 "cannot write {}: {}: it needs {} ({} bytes), {} are free; what was committed before is "
                 "readable",
                 what, error.message, humanBytes(bytes), bytes, humanBytes(space.available)),
             {}});
    }

    /// Runs `body` in one transaction. `bytes` is read after the body, when it knows what it wanted to write.
    Result<void> transact(const std::string& what, const std::uint64_t& bytes,
                          const std::function<Result<void>()>& body)
    {
        if (!database)
            return named({ErrorCode::InvalidArgument, "the trace is sealed", {}});
        Result<void> done = database->execute("BEGIN IMMEDIATE");
        if (done)
            done = body();
        if (done)
            done = database->execute("COMMIT");
        if (!done) {
            // Fails when SQLite has rolled back by itself, which is as good.
            (void)database->execute("ROLLBACK");
            return failed(done.error(), bytes, what);
        }
        return {};
    }

    /// Opens what putTrace has put there, for writing.
    Result<void> openDatabase(const FileIdentity& placed)
    {
        HEADWATER_TRY_ASSIGN(SqliteDatabase opened,
                             SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"),
                                                  SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
        sqlite3_busy_timeout(opened.handle(), kBusyMilliseconds);
        HEADWATER_TRY(opened.execute("PRAGMA synchronous=FULL;"));
        // Reading takes the lock that keeps other writers from replacing the file; one may have come before.
        HEADWATER_TRY(opened.integer("SELECT count(*) FROM head"));
        if (identityOf(path) != placed)
            return Error{ErrorCode::CannotCreate, "another program has replaced it", {}};
        database.emplace(std::move(opened));
        return {};
    }

    /// The first state may be trusted without a -wal file, for there was none. From now on it may not: what
    /// is committed stands there.
    Result<void> dropFirstSeal()
    {
        HEADWATER_TRY(
            transact("the trace's log", kLogBytes, [&] { return database->execute("DROP TABLE seal"); }));
        // A reader may hold this up; the next checkpoint does it then.
        (void)database->execute("PRAGMA wal_checkpoint(PASSIVE)");
        return {};
    }

    /// A writer that ended by itself has left WAL mode, and the row by which readers trust the lone file.
    Result<void> goOnInLog()
    {
        const Result<std::string> mode = database->text("PRAGMA journal_mode=WAL");
        if (!mode)
            return failed(mode.error(), kLogBytes, "the trace's log");
        HEADWATER_TRY_ASSIGN(const std::optional<TraceSeal> seal, readSeal(*database));
        return seal ? dropFirstSeal() : Result<void>();
    }

    Result<void> insertTokenRows(int layer, std::span<const TokenRow> rows, std::uint64_t& bytes)
    {
        const auto index = static_cast<std::size_t>(layer);
        if (layer < 0 || index >= tables.headsPerLayer.size())
            return Error{ErrorCode::InvalidArgument, fmt::format("the model has no layer {}", layer), {}};
        return layers->insertTokenRows(coder, layer, tables.headsPerLayer[index], rows, bytes);
    }

    /// Replaces one head from tailRow on; its token rows go to `tokenRows`, by layer.
    Result<void> rewriteHead(const FinishedHead& head, std::uint32_t tailRow,
                             std::map<int, std::vector<TokenRow>>& tokenRows, std::uint64_t& bytes);
    Result<std::vector<Chunk>> chunksBefore(const HeadInfo& info, std::uint32_t tailRow);

    /// Leaves one file when nobody else has it open; otherwise the -wal file stays beside it.
    void closeUnsealed()
    {
        if (!database)
            return;
        layers.reset();
        sqlite3_busy_timeout(database->handle(), 0);
        sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        // A row that says what is there lets readers trust the file even when we die between two steps of
        // this.
        const auto renewed = transact("the end", 0, [&] { return renewSeal(*database); });
        if (renewed)
            (void)leaveWal(*database, std::chrono::milliseconds(0));
        database.reset();
    }
};

TraceWriter::TraceWriter(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}
TraceWriter::TraceWriter(TraceWriter&&) noexcept = default;

TraceWriter& TraceWriter::operator=(TraceWriter&& other) noexcept
{
    std::swap(m_state, other.m_state);
    return *this;
}

TraceWriter::~TraceWriter()
{
    if (m_state)
        m_state->closeUnsealed();
}

Result<TraceWriter> TraceWriter::create(const std::filesystem::path& path, const Begin& begin, bool replace)
{
    auto state = std::make_unique<State>();
    state->path = path;
    state->tables = tablesOf(begin);
    if (!begin.meta.is_object())
        return Error{ErrorCode::InvalidArgument, "meta must be a JSON object", path.string()};
    if (const auto checked = checkTokenTables(state->tables); !checked)
        return Error{ErrorCode::InvalidArgument, checked.error().message, path.string()};
    const Result<std::string> first = firstStateOf(state->coder, state->tables, begin.meta);
    if (!first)
        return state->named(first.error());
    const Result<FileIdentity> placed = putTrace(path, *first, replace);
    if (!placed)
        return placed.error().code == ErrorCode::Io
            ? state->failed(placed.error(), first->size(), "the token tables")
            : placed.error();
    if (const auto opened = state->openDatabase(*placed); !opened)
        return opened.error().code == ErrorCode::Io
            ? state->failed(opened.error(), kLogBytes, "the trace's log")
            : Error{ErrorCode::CannotCreate, opened.error().message, path.string()};
    HEADWATER_TRY(state->dropFirstSeal());
    Result<LayerWriter> layers = LayerWriter::prepare(*state->database);
    if (!layers)
        return state->named(layers.error());
    state->layers.emplace(std::move(*layers));
    return TraceWriter(std::move(state));
}

Result<TraceWriter> TraceWriter::reopen(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const TracePart claim, claimTrace(path)); // until our own lock keeps others away
    auto state = std::make_unique<State>();
    state->path = path;
    {
        HEADWATER_TRY_ASSIGN(const TraceFile file, openTraceFile(path));
        if (file.seal)
            return state->named(
                {ErrorCode::InvalidArgument, "is finished: there is nothing to go on with", {}});
        if (file.minor != kTraceMinor)
            return state->named(
                {ErrorCode::Unsupported,
                 fmt::format("was begun in format {}.{}, and this program writes {}.{}: a trace "
                             "is of one format; run it again",
                             kTraceMajor, file.minor, kTraceMajor, kTraceMinor),
                 {}});
        Result<TokenTables> tables = readTokenTables(file.database, state->coder);
        if (!tables)
            return state->named(tables.error());
        state->tables = std::move(*tables);
    }
    if (const auto opened = state->openDatabase(identityOf(path)); !opened)
        return state->failed(opened.error(), kLogBytes, "the trace's log");
    HEADWATER_TRY(state->goOnInLog());
    HEADWATER_TRY_ASSIGN(
        const std::int64_t predictions,
        state->database->integer(fmt::format("SELECT count(*) FROM meta WHERE key='{}'", kMetaPredictions)));
    state->hasPredictions = predictions > 0;
    Result<LayerWriter> layers = LayerWriter::prepare(*state->database);
    if (!layers)
        return state->named(layers.error());
    state->layers.emplace(std::move(*layers));
    return TraceWriter(std::move(state));
}

void TraceWriter::FinishedHead::takeSums(const HeadSums& sums)
{
    statistics = sums.statistics();
    pairs = sums.pairs();
    contentShape = sums.contentShape();
    contentCodes = sums.contentCodes();
}

Result<void> TraceWriter::writeLayer(int layer, std::span<const FinishedHead> heads, std::uint32_t tailRow)
{
    std::vector<EncodedHead> encoded;
    std::uint64_t bytes = 0;
    for (const FinishedHead& head : heads) {
        if (head.record.layer != layer || head.record.firstRow != 0
            || head.record.grid.seqLen != m_state->seqLen())
            return m_state->named(
                {ErrorCode::InvalidArgument, "the record is not one of this layer's whole heads", {}});
        Result<EncodedHead> one = encodeHead(m_state->coder, head, tailRow, {});
        if (!one)
            return m_state->named(one.error());
        bytes += one->bytes();
        encoded.push_back(std::move(*one));
    }
    return m_state->transact(fmt::format("layer {}", layer), bytes, [&]() -> Result<void> {
        std::vector<TokenRow> tokenRows;
        for (EncodedHead& head : encoded) {
            HEADWATER_TRY(m_state->layers->insert(m_state->coder, head));
            append(tokenRows, std::move(head.tokenRows));
        }
        return m_state->insertTokenRows(layer, tokenRows, bytes);
    });
}

Result<void> TraceWriter::writeLayer(int layer, int numHeads,
                                     const std::function<Result<FinishedHead>(int head)>& make,
                                     std::uint32_t tailRow)
{
    std::uint64_t bytes = 0;
    return m_state->transact(fmt::format("layer {}", layer), bytes, [&]() -> Result<void> {
        std::vector<TokenRow> tokenRows;
        for (int head = 0; head < numHeads; ++head) {
            HEADWATER_TRY_ASSIGN(const FinishedHead made, make(head));
            if (made.record.layer != layer || made.record.firstRow != 0
                || made.record.grid.seqLen != m_state->seqLen())
                return Error{
                    ErrorCode::InvalidArgument, "the record is not one of this layer's whole heads", {}};
            HEADWATER_TRY_ASSIGN(EncodedHead encoded, encodeHead(m_state->coder, made, tailRow, {}));
            bytes += encoded.bytes();
            HEADWATER_TRY(m_state->layers->insert(m_state->coder, encoded));
            append(tokenRows, std::move(encoded.tokenRows));
        }
        return m_state->insertTokenRows(layer, tokenRows, bytes);
    });
}

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
    append(tokenRows[head.record.layer], std::move(encoded.tokenRows));
    return layers->insert(coder, encoded);
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

Result<void> TraceWriter::writePredictions(const Predictions& predictions)
{
    State& state = *m_state;
    std::uint64_t bytes = 0;
    const Result<void> written = state.transact("the predictions", bytes, [&] {
        return insertPredictions(*state.database, state.coder, predictions, state.tables.tokenIds, bytes);
    });
    if (written)
        state.hasPredictions = true;
    return written;
}

Result<void> TraceWriter::setMeta(std::string_view key, const nlohmann::json& value)
{
    const std::string text = jsonText(value);
    return m_state->transact(fmt::format("meta key '{}'", key), text.size(),
                             [&] { return insertMeta(*m_state->database, key, text); });
}

Result<void> TraceWriter::seal()
{
    State& state = *m_state;
    const Result<void> written =
        state.transact("the seal", kLogBytes, [&] { return renewSeal(*state.database); });
    HEADWATER_TRY(written);
    std::error_code ignored;
    const std::uint64_t walBytes = std::filesystem::file_size(walPathOf(state.path), ignored);
    const auto checkpointed = state.database->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!checkpointed)
        return state.failed(checkpointed.error(), ignored ? 0 : walBytes, "the single file");
    if (const auto left = leaveWal(*state.database, kPatience); !left)
        return state.failed(left.error(), ignored ? 0 : walBytes, "the single file");
    state.layers.reset();
    if (const auto closed = state.database->close(); !closed)
        return state.named(closed.error());
    state.database.reset();
    if (const auto stored = storeFileHash(state.path); !stored)
        return state.named(stored.error());
    return {};
}

} // namespace headwater
