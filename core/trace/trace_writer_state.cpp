// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_writer_state.h"

#include "core/base/text.h"
#include "core/trace/trace_seal.h"

#include <fmt/format.h>
#include <iterator>
#include <sqlite3.h>

namespace headwater {
namespace {

constexpr int kWriterBusyMilliseconds = 10000;

} // namespace

void appendRows(std::vector<TokenRow>& rows, std::vector<TokenRow>&& more)
{
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Error TraceWriter::State::failed(const Error& error, std::uint64_t bytes, const std::string& what) const
{
    if (error.code != ErrorCode::Io)
        return named(error);
    std::error_code ignored;
    const auto space = std::filesystem::space(path.parent_path().empty() ? "." : path.parent_path(), ignored);
    return named(
        {ErrorCode::Io,
         fmt::format("cannot write {}: {}: it needs {} ({} bytes), {} are free; what was committed before is "
                     "readable",
                     what, error.message, humanBytes(bytes), bytes, humanBytes(space.available)),
         {}});
}

Result<void> TraceWriter::State::transact(const std::string& what, const std::uint64_t& bytes,
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

Result<void> TraceWriter::State::openDatabase(const FileIdentity& placed)
{
    HEADWATER_TRY_ASSIGN(SqliteDatabase opened,
                         SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"),
                                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
    sqlite3_busy_timeout(opened.handle(), kWriterBusyMilliseconds);
    HEADWATER_TRY(opened.execute("PRAGMA synchronous=FULL;"));
    // Reading takes the lock that keeps other writers from replacing the file; one may have come before.
    HEADWATER_TRY(opened.integer("SELECT count(*) FROM head"));
    if (identityOf(path) != placed)
        return Error{ErrorCode::CannotCreate, "another program has replaced it", {}};
    database.emplace(std::move(opened));
    return {};
}

Result<void> TraceWriter::State::dropFirstSeal()
{
    HEADWATER_TRY(
        transact("the trace's log", kLogBytes, [&] { return database->execute("DROP TABLE seal"); }));
    // A reader may hold this up; the next checkpoint does it then.
    (void)database->execute("PRAGMA wal_checkpoint(PASSIVE)");
    return {};
}

Result<void> TraceWriter::State::goOnInLog()
{
    const Result<std::string> mode = database->text("PRAGMA journal_mode=WAL");
    if (!mode)
        return failed(mode.error(), kLogBytes, "the trace's log");
    HEADWATER_TRY_ASSIGN(const std::optional<TraceSeal> seal, readSeal(*database));
    return seal ? dropFirstSeal() : Result<void>();
}

Result<void> TraceWriter::State::insertTokenRows(int layer, std::span<const TokenRow> rows,
                                                 std::uint64_t& bytes)
{
    const auto index = static_cast<std::size_t>(layer);
    if (layer < 0 || index >= tables.headsPerLayer.size())
        return Error{ErrorCode::InvalidArgument, fmt::format("the model has no layer {}", layer), {}};
    return layers->insertTokenRows(coder, layer, tables.headsPerLayer[index], rows, bytes);
}

void TraceWriter::State::closeUnsealed()
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

} // namespace headwater
