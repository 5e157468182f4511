// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_place.h"

#include "core/trace/sqlite_database.h"

#include <sqlite3.h>
#include <system_error>

namespace headwater {
namespace {

/// True when nobody has the file open as a database (or it is none).
bool canReplace(const std::filesystem::path& path)
{
    auto database = SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"), SQLITE_OPEN_READWRITE);
    if (!database)
        return false;
    sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const auto locked = database->execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK;");
    return locked || locked.error().code != ErrorCode::Unavailable;
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
        if (!canReplace(path))
            return Error{ErrorCode::CannotCreate, "another program has it open", path.string()};
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
