// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_file.h"

#include "core/base/file_content.h"
#include "core/trace/bad_format.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_place.h"
#include "core/trace/trace_seal.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <sqlite3.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace headwater {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr int kLooksForWal = 20;
constexpr std::chrono::milliseconds kLookInterval{10};
constexpr int kBusyMilliseconds = 5000;

struct Header {
    std::uint64_t fileBytes = 0;
    bool isWal = false; ///< written in WAL mode: not sealed
};

std::uint32_t bigEndian32(const std::array<unsigned char, kHeaderBytes>& header, std::size_t at)
{
    return std::uint32_t{header[at]} << 24 | std::uint32_t{header[at + 1]} << 16
        | std::uint32_t{header[at + 2]} << 8 | header[at + 3];
}

Result<void> checkRegularFile(const std::filesystem::path& path)
{
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found)
        return Error{ErrorCode::NotFound, "no such file: check its name", {}};
    if (error)
        return Error{ErrorCode::NotFound, fmt::format("cannot be read: {}", error.message()), {}};
    if (!std::filesystem::is_regular_file(status))
        return Error{
            ErrorCode::NotFound,
            fmt::format("is {}, expected a trace (*.hwt)",
                        std::filesystem::is_directory(status) ? "a directory" : "a device, pipe or socket"),
            {}};
    if (::access(path.c_str(), R_OK) != 0)
        return Error{ErrorCode::NotFound, fmt::format("cannot be read: {}", std::strerror(errno)), {}};
    return {};
}

/// The SQLite header (https://www.sqlite.org/fileformat2.html §1.3), before SQLite itself looks at it. Read
/// through the connection: closing another descriptor of the file would drop the locks of a writer in this
/// process.
Result<Header> readHeader(const SqliteDatabase& database)
{
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sqlite3_int64 fileBytes = 0;
    if (!file || !file->pMethods || file->pMethods->xFileSize(file, &fileBytes) != SQLITE_OK)
        return Error{ErrorCode::NotFound, "cannot be read", {}};
    if (fileBytes < static_cast<sqlite3_int64>(kHeaderBytes))
        return badFormat(
            fmt::format("is no trace: {} bytes, a header has {}; give a *.hwt that headwater run wrote",
                        fileBytes, kHeaderBytes));
    std::array<unsigned char, kHeaderBytes> bytes{};
    if (file->pMethods->xRead(file, bytes.data(), static_cast<int>(kHeaderBytes), 0) != SQLITE_OK)
        return Error{ErrorCode::Io, "cannot be read", {}};
    Header header;
    header.fileBytes = static_cast<std::uint64_t>(fileBytes);
    if (std::memcmp(bytes.data(), "SQLite format 3", 16) != 0) {
        const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const auto content = contentOf(head, header.fileBytes);
        const bool isAdvised = content && content->isText && !content->asModel.empty();
        return badFormat(fmt::format("is no trace{}: at byte 0: magic, expected 'SQLite format 3'; {}",
                                     content ? fmt::format(" but {}", content->what) : "",
                                     isAdvised ? content->asModel : "give a *.hwt that headwater run wrote"));
    }
    if (bigEndian32(bytes, 68) != static_cast<std::uint32_t>(kTraceApplicationId)) {
        return badFormat(
            fmt::format("is no trace: at byte 68: application id {:08x}, expected {:08x} (HWTR); give a "
                        "*.hwt that headwater run wrote",
                        bigEndian32(bytes, 68), kTraceApplicationId));
    }
    const std::uint32_t version = bigEndian32(bytes, 60);
    if (version / 1000 != static_cast<std::uint32_t>(kTraceMajor)) {
        return Error{ErrorCode::Unsupported,
                     fmt::format("at byte 60: trace format {}.{}, this program reads {}.x", version / 1000,
                                 version % 1000, kTraceMajor),
                     {}};
    }
    // 0: no table has reached the main file yet, all of them stand in the -wal file.
    if (bigEndian32(bytes, 56) > 1)
        return badFormat(
            fmt::format("at byte 56: text encoding {}, expected 1 (UTF-8)", bigEndian32(bytes, 56)));
    if (bytes[18] != bytes[19] || bytes[18] < 1 || bytes[18] > 2)
        return badFormat(
            fmt::format("at byte 18: file format {}/{}, expected 1/1 or 2/2", bytes[18], bytes[19]));
    header.isWal = bytes[18] == 2;
    const std::uint64_t pageBytes =
        bytes[16] == 0 && bytes[17] == 1 ? 65536 : std::uint64_t{bytes[16]} << 8 | bytes[17];
    const std::uint64_t expected = bigEndian32(bytes, 28) * pageBytes;
    if (!header.isWal && expected != header.fileBytes) {
        return badFormat(fmt::format("is truncated or has grown: {} bytes, its header (at byte 28) says {}",
                                     header.fileBytes, expected));
    }
    return header;
}

Result<void> harden(const SqliteDatabase& database)
{
    sqlite3* handle = database.handle();
    struct Switch {
        int option;
        int value;
    };
    for (const Switch option :
         {Switch{SQLITE_DBCONFIG_DEFENSIVE, 1}, Switch{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
          Switch{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, Switch{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
          Switch{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
          // The last reader of a killed run's trace must leave its -wal file.
          Switch{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}})
        sqlite3_db_config(handle, option.option, option.value, nullptr);
    struct Limit {
        int id;
        int value;
    };
    for (const Limit limit :
         {Limit{SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxBlobBytes)}, Limit{SQLITE_LIMIT_SQL_LENGTH, 100000},
          Limit{SQLITE_LIMIT_COLUMN, 100}, Limit{SQLITE_LIMIT_EXPR_DEPTH, 20},
          Limit{SQLITE_LIMIT_COMPOUND_SELECT, 3}, Limit{SQLITE_LIMIT_VDBE_OP, 25000},
          Limit{SQLITE_LIMIT_FUNCTION_ARG, 8}, Limit{SQLITE_LIMIT_ATTACHED, 0},
          Limit{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50}, Limit{SQLITE_LIMIT_VARIABLE_NUMBER, 40},
          Limit{SQLITE_LIMIT_TRIGGER_DEPTH, 1}, Limit{SQLITE_LIMIT_WORKER_THREADS, 0}})
        sqlite3_limit(handle, limit.id, limit.value);
    sqlite3_busy_timeout(handle, kBusyMilliseconds);
    // A mapped file that shrinks under us would be a signal instead of an error.
    return database.execute("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON;");
}

/// Our tables as we create them, their automatic indexes, and nothing that runs code.
Result<void> checkSchema(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(const std::int64_t version, database.integer("PRAGMA user_version"));
    HEADWATER_TRY_ASSIGN(SqliteStatement row, database.prepare("SELECT type, name, sql FROM sqlite_master"));
    std::size_t found = 0;
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            break;
        const std::string_view type = row.text(0);
        const std::string_view name = row.text(1);
        if (type == "index" && row.isNull(2))
            continue;
        if (type != "table")
            return badFormat(fmt::format(
                "holds the {} '{}': traces have no views, triggers or further indexes", type, name));
        bool isKnown = name == "seal" && row.text(2) == sealTableSql();
        for (std::size_t table = 0; table < kTraceTables; ++table) {
            const TraceTable& format = tableOf(static_cast<TraceTableId>(table));
            if (name == format.name && row.text(2) == format.create) {
                isKnown = true;
                ++found;
            }
        }
        if (!isKnown && version <= kTraceUserVersion)
            return badFormat(fmt::format("holds the table '{}', which is not the format's", name));
    }
    if (found != kTraceTables)
        return badFormat(
            fmt::format("holds {} of the format's {} tables: nothing was committed", found, kTraceTables));
    return {};
}

Result<SqliteDatabase> openReadOnly(const std::filesystem::path& path, const char* how)
{
    const std::string uri = sqliteUri(path.string(), how);
    return SqliteDatabase::open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE);
}

/// A file in WAL mode without its -wal. Its writer has brought everything into it, and ended just before it
/// said so in the header, when the rows are exactly those its `seal` row counts; else it may lack anything.
Result<TraceFile> openLone(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(SqliteDatabase database, openReadOnly(path, "mode=ro&immutable=1"));
    HEADWATER_TRY(harden(database));
    HEADWATER_TRY(checkSchema(database));
    HEADWATER_TRY_ASSIGN(const std::optional<TraceSeal> stored, readSeal(database));
    if (!stored)
        return badFormat("is not whole");
    HEADWATER_TRY_ASSIGN(const TraceSeal seal, computeSeal(database));
    if (stored->hash != seal.hash || stored->rows != seal.rows)
        return badFormat("is not whole");
    return TraceFile{std::move(database), std::nullopt, 0};
}

/// A sealed trace, without a lock and without a look at companions: what lies beside it under their names may
/// belong to a trace that is being put in its place.
std::optional<TraceFile> openSealed(const std::filesystem::path& path)
{
    Result<SqliteDatabase> database = openReadOnly(path, "mode=ro&immutable=1");
    if (!database)
        return std::nullopt;
    const Result<Header> header = readHeader(*database);
    if (!header || header->isWal || !harden(*database) || !checkSchema(*database))
        return std::nullopt;
    // The file's hash is what a writer stores last.
    Result<std::optional<TraceSeal>> seal = readSeal(*database);
    if (!seal || !*seal || (*seal)->fileHash == 0)
        return std::nullopt;
    return TraceFile{std::move(*database), *seal, 0};
}

/// Begins the transaction that all is read in. SQLite finds a -wal file by its name when it takes its lock: it
/// would read a file that was moved away before with the log of the trace that took its place.
Result<void> beginReading(const SqliteDatabase& database)
{
    HEADWATER_TRY(database.execute("BEGIN"));
    sqlite3_busy_timeout(database.handle(), 0); // who waits for a writer here waits for such a file
    HEADWATER_TRY(database.integer("PRAGMA user_version"));
    sqlite3_busy_timeout(database.handle(), kBusyMilliseconds);
    int hasMoved = 0;
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved);
    if (hasMoved != 0)
        return Error{ErrorCode::Unavailable, "another trace has taken its place: open it again", {}};
    return {};
}

Result<TraceFile> openUnsealed(const std::filesystem::path& path, const char* how)
{
    const auto places = keepPlaces(); // until we have our lock, or see that somebody else has his
    HEADWATER_TRY_ASSIGN(SqliteDatabase database, openReadOnly(path, how));
    HEADWATER_TRY_ASSIGN(Header header, readHeader(database));
    // A writer that begins or seals has no -wal file for some milliseconds.
    const auto hasLog = [&path] {
        std::error_code ignored; // a name that is too long for a companion has none
        return std::filesystem::exists(walPathOf(path), ignored);
    };
    for (int look = 0; header.isWal && !hasLog(); ++look) {
        Result<TraceFile> lone = openLone(path);
        // Where the log has come meanwhile, its writer changes the file under us.
        if (lone && !hasLog())
            return lone;
        if (look == kLooksForWal) {
            return badFormat(fmt::format(
                "was still being written when its run ended, and its companion {} is missing: keep "
                "both files together",
                walPathOf(path).filename().string()));
        }
        std::this_thread::sleep_for(kLookInterval);
        HEADWATER_TRY_ASSIGN(header, readHeader(database));
    }
    HEADWATER_TRY(harden(database));
    HEADWATER_TRY(beginReading(database));
    HEADWATER_TRY(checkSchema(database));
    HEADWATER_TRY(readSeal(database)); // a writer that ended left one, which may be damaged
    return TraceFile{std::move(database), std::nullopt, 0};
}

Result<TraceFile> openChecked(const std::filesystem::path& path)
{
    HEADWATER_TRY(checkRegularFile(path));
    HEADWATER_TRY(checkSqlitePath(path));
    // Left by a death while the header changed: SQLite would want to roll that back, which a reader may not.
    std::error_code ignored; // a name that is too long for a companion has none
    if (std::filesystem::exists(path.string() + "-journal", ignored)) {
        Result<TraceFile> lone = openLone(path);
        if (lone)
            return lone;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMilliseconds);
    for (;;) {
        if (std::optional<TraceFile> sealed = openSealed(path))
            return std::move(*sealed);
        Result<TraceFile> file = openUnsealed(path, "mode=ro");
        // On a full disk the index of the -wal file cannot be made beside it; without it SQLite keeps one in
        // memory.
        if (!file && file.error().code == ErrorCode::Io)
            file = openUnsealed(path, "mode=ro&readonly_shm=1");
        if (file || file.error().code != ErrorCode::Unavailable
            || std::chrono::steady_clock::now() >= deadline)
            return file;
        std::this_thread::sleep_for(kLookInterval);
    }
}

} // namespace

std::filesystem::path walPathOf(const std::filesystem::path& path)
{
    return std::filesystem::path(path.string() + "-wal");
}

Result<TraceFile> openTraceFile(const std::filesystem::path& path)
{
    Result<TraceFile> file = openChecked(path);
    if (!file)
        return inContext(file.error(), path.string());
    const Result<std::int64_t> version = file->database.integer("PRAGMA user_version");
    if (!version)
        return inContext(version.error(), path.string());
    file->minor = static_cast<int>(*version % 1000);
    return file;
}

} // namespace headwater
