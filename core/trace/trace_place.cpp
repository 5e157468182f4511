// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_place.h"

#include "core/trace/sqlite_database.h"
#include "core/trace/trace_format.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sqlite3.h>
#include <system_error>
#include <unistd.h>

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
        return Error{ErrorCode::CannotCreate,
                     fmt::format("is there and cannot be opened: {}",
                                 ::access(path.c_str(), R_OK | W_OK) == 0 ? database.error().message
                                                                          : std::strerror(errno)),
                     path.string()};
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

} // namespace

Result<void> refuseTracePlace(const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return {};
    // https://www.sqlite.org/fileformat2.html §1.3
    std::array<char, 72> header{};
    std::ifstream(path, std::ios::binary).read(header.data(), header.size());
    std::uint32_t id = 0;
    for (std::size_t at = 68; at < header.size(); ++at)
        id = id << 8 | static_cast<unsigned char>(header[at]);
    if (std::memcmp(header.data(), "SQLite format 3", 16) != 0
        || id != static_cast<std::uint32_t>(kTraceApplicationId))
        return {};
    return Error{ErrorCode::CannotCreate,
                 "is a trace, and something else would be written over it; choose another name or remove it",
                 path.string()};
}

Result<void> clearTracePlace(const std::filesystem::path& path, bool replace)
{
    HEADWATER_TRY(checkFolder(path));
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
