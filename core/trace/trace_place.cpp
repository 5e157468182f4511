// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_place.h"

#include "core/trace/sqlite_database.h"
#include "core/trace/trace_format.h"

#include <sqlite3.h>
#include <system_error>

namespace headwater {
namespace {

/// Refuses what somebody has open, and what is no trace: `-o` beside a prompt of nearly that name must not
/// cost the prompt.
Result<void> checkReplaceable(const std::filesystem::path& path)
{
    std::error_code error;
    const bool hasLog = std::filesystem::exists(path.string() + "-wal", error);
    if (!hasLog && std::filesystem::file_size(path, error) == 0 && !error)
        return {};
    auto database = SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"), SQLITE_OPEN_READWRITE);
    if (!database)
        return Error{ErrorCode::CannotCreate, "is there and cannot be opened", path.string()};
    sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const auto locked = database->execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK;");
    if (!locked && locked.error().code == ErrorCode::Unavailable)
        return Error{ErrorCode::CannotCreate, "another program has it open", path.string()};
    const Result<std::int64_t> id = database->integer("PRAGMA application_id");
    if (!id || *id != kTraceApplicationId)
        return Error{ErrorCode::CannotCreate,
                     "is there and is not a trace, so it is not replaced; choose another name or remove it",
                     path.string()};
    return {};
}

} // namespace

Result<void> clearTracePlace(const std::filesystem::path& path, bool replace)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::exists(status)) {
        if (!replace)
            return Error{ErrorCode::CannotCreate, "exists already", path.string()};
        if (!std::filesystem::is_regular_file(status))
            return Error{ErrorCode::CannotCreate, "is not a regular file", path.string()};
        HEADWATER_TRY(checkReplaceable(path));
    }
    // A stale companion would be taken for the new trace's own.
    for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
        std::filesystem::remove(path.string() + suffix, error);
        if (error)
            return Error{ErrorCode::CannotCreate, error.message(), path.string() + suffix};
    }
    return {};
}

} // namespace headwater
