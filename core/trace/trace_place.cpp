// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_place.h"

#include "core/trace/sqlite_database.h"
#include "core/trace/trace_format.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <optional>
#include <sqlite3.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace headwater {
namespace {

constexpr int kMomentMilliseconds = 2000;
constexpr std::array<const char*, 3> kCompanions = {"-wal", "-shm", "-journal"};

/// Refuses what somebody has open, and what is no trace: `-o` beside a prompt of nearly that name must not
/// cost the prompt. The connection it returns keeps others out as long as it lives; an empty file has none.
Result<std::optional<SqliteDatabase>> holdReplaceable(const std::filesystem::path& path)
{
    std::error_code error;
    const bool hasLog = std::filesystem::exists(path.string() + "-wal", error);
    if (!hasLog && std::filesystem::file_size(path, error) == 0 && !error)
        return std::optional<SqliteDatabase>();
    auto database = SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"), SQLITE_OPEN_READWRITE);
    if (!database)
        return Error{ErrorCode::CannotCreate,
                     fmt::format("is there and cannot be opened: {}",
                                 ::access(path.c_str(), R_OK | W_OK) == 0 ? database.error().message
                                                                          : std::strerror(errno)),
                     path.string()};
    sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // Whoever looks at a trace that is not sealed has it open for a moment.
    sqlite3_busy_timeout(database->handle(), kMomentMilliseconds);
    const auto locked = database->execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;");
    if (!locked && locked.error().code == ErrorCode::Unavailable)
        return Error{ErrorCode::CannotCreate, "another program has it open", path.string()};
    const Result<std::int64_t> id = database->integer("PRAGMA application_id");
    if (!id || *id != kTraceApplicationId)
        return Error{ErrorCode::CannotCreate,
                     "is there and is not a trace, so it is not replaced; choose another name or remove it",
                     path.string()};
    return std::optional<SqliteDatabase>(std::move(*database));
}

/// Removes companions that would be taken for the new trace's own, and first the trace that they belong to:
/// without them it would not be what it was.
Result<void> removeCompanions(const std::filesystem::path& path)
{
    std::error_code error;
    const bool hasAny = std::any_of(kCompanions.begin(), kCompanions.end(), [&](const char* suffix) {
        return std::filesystem::exists(std::filesystem::symlink_status(path.string() + suffix, error));
    });
    if (!hasAny)
        return {};
    for (const char* suffix : {"", kCompanions[0], kCompanions[1], kCompanions[2]}) {
        std::filesystem::remove(path.string() + suffix, error);
        if (error)
            return Error{ErrorCode::CannotCreate, error.message(), path.string() + suffix};
    }
    return {};
}

/// The folder a trace is to stand in, in words of the system: SQLite has one sentence for all that may be
/// wrong.
Result<void> checkFolder(const std::filesystem::path& path)
{
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    std::error_code error;
    const auto status = std::filesystem::status(folder, error);
    if (status.type() == std::filesystem::file_type::not_found)
        return Error{ErrorCode::CannotCreate,
                     fmt::format("cannot be created: no such folder: {}", folder.string()), path.string()};
    if (!error && !std::filesystem::is_directory(status))
        return Error{ErrorCode::CannotCreate,
                     fmt::format("cannot be created: is no folder: {}", folder.string()), path.string()};
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return Error{ErrorCode::CannotCreate,
                     fmt::format("cannot be created: {}: folder {}", std::strerror(errno), folder.string()),
                     path.string()};
    return {};
}

/// SQLite keeps the log of an unfinished trace beside it, under its name and an ending.
Result<void> checkName(const std::filesystem::path& path)
{
    constexpr std::size_t kLongest = NAME_MAX - std::string_view("-journal").size();
    const std::size_t length = path.filename().native().size();
    if (length > kLongest)
        return Error{
            ErrorCode::CannotCreate,
            fmt::format(
                "its name has {} bytes, a trace's may have {} while it is written: choose a shorter one",
                length, kLongest),
            path.string()};
    const Result<void> whole = checkSqlitePath(path);
    return whole ? whole : Result<void>(Error{ErrorCode::CannotCreate, whole.error().message, path.string()});
}

std::shared_mutex& places()
{
    static std::shared_mutex mutex;
    return mutex;
}

} // namespace

std::shared_lock<std::shared_mutex> keepPlaces()
{
    return std::shared_lock(places());
}

Result<TracePart> claimTrace(const std::filesystem::path& path)
{
    HEADWATER_TRY(checkFolder(path));
    HEADWATER_TRY(checkName(path));
    HEADWATER_TRY_ASSIGN(TracePart part, TracePart::open(path.string() + ".part"));
    HEADWATER_TRY(holdReplaceable(path)); // nobody else may have it open now, and who comes looks for `part`
    return part;
}

Result<void> refuseTracePlace(const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return {};
    TraceHead head{};
    std::ifstream(path, std::ios::binary).read(head.data(), head.size());
    if (!isTraceHead(head))
        return {};
    return Error{ErrorCode::CannotCreate,
                 "is a trace, and something else would be written over it; choose another name or remove it",
                 path.string()};
}

FileIdentity identityOf(const std::filesystem::path& path)
{
    struct statx status { };
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &status) != 0)
        return {};
    constexpr std::int64_t kSecond = 1'000'000'000;
    return {std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor, status.stx_ino,
            (status.stx_mask & STATX_BTIME) != 0
                ? status.stx_btime.tv_sec * kSecond + status.stx_btime.tv_nsec
                : 0};
}

Result<FileIdentity> putTrace(const std::filesystem::path& path, std::string_view bytes, bool replace)
{
    HEADWATER_TRY(checkFolder(path));
    HEADWATER_TRY(checkName(path));
    // First of all: its lock keeps two writers from looking at the place at the same time.
    HEADWATER_TRY_ASSIGN(TracePart part, TracePart::open(path.string() + ".part"));
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    std::optional<SqliteDatabase> old;
    if (std::filesystem::exists(status)) {
        if (!replace)
            return Error{ErrorCode::CannotCreate, "exists already", path.string()};
        if (!std::filesystem::is_regular_file(status))
            return Error{ErrorCode::CannotCreate, "is not a regular file", path.string()};
        HEADWATER_TRY_ASSIGN(old, holdReplaceable(path));
    }
    HEADWATER_TRY(part.write(bytes));
    const std::lock_guard lock(places());
    HEADWATER_TRY(removeCompanions(path));
    const FileIdentity identity = identityOf(path.string() + ".part");
    HEADWATER_TRY(part.moveTo(path));
    return identity;
}

} // namespace headwater
