// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_file.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace headwater {

/// The seal over every row's hash as it is now: tables in the order of TraceTableId, rows by primary key.
/// `fileHash` is 0.
Result<TraceSeal> computeSeal(const SqliteDatabase& database);

/// Replaces the `seal` table's row by one of the rows as they are now, inside the caller's transaction.
Result<void> renewSeal(const SqliteDatabase& database);

/// The stored seal; nothing when there is none. fileHash 0: the writer ended, or died, before the file was
/// final.
Result<std::optional<TraceSeal>> readSeal(const SqliteDatabase& database);

/// Where in the file the hash of the file stands: 8 bytes in the only leaf of the `seal` table.
Result<std::uint64_t> findFileHash(const std::filesystem::path& path);

/// xxh3 of the file in blocks of 1 MiB, each seeded with the hash so far, the 8 bytes at `skip` taken as
/// zero; never 0.
Result<std::uint64_t> hashOfFile(const std::filesystem::path& path, std::uint64_t skip);

/// Leaves WAL mode, which wants the file for itself; waits as long as `patience` for readers, who have a
/// growing trace open for moments only (SQLite itself does not wait for that lock). Then the connection
/// keeps the file for itself until it is closed. Errors: Unavailable, Io.
Result<void> leaveWal(const SqliteDatabase& database, std::chrono::milliseconds patience);

/// Puts the file's hash in its place. The database must be closed. From then on every byte of the file is
/// covered.
Result<void> storeFileHash(const std::filesystem::path& path);

} // namespace headwater
