// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/sqlite_database.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace headwater {

/// What the seal of a finished trace says.
struct TraceSeal {
    std::uint64_t heads = 0; ///< rows of the `head` table
    std::uint64_t rows = 0; ///< rows of all hashed tables
    std::uint64_t hash = 0; ///< xxh3 over all their hashes
    std::uint64_t fileHash = 0; ///< of the whole file; 0: the writer ended before the file was final
};

/// A trace opened read-only with SQLite's settings for hostile files. One that is not sealed stands in a read
/// transaction: all is read from one state of it, and while this lives no trace is put in its place.
struct TraceFile {
    SqliteDatabase database;
    std::optional<TraceSeal> seal; ///< present: the file is complete and will not change
    int minor = 0; ///< version of its format
};

/// Checks the file's header (magic, application id, version, length), opens it, and refuses any schema but
/// the format's own (no views, triggers, foreign indexes or altered tables). Opens `immutable` only when the
/// trace is sealed. Errors: NotFound, BadFormat (also: a trace that was being written and has lost its -wal
/// file), Unsupported (newer major).
Result<TraceFile> openTraceFile(const std::filesystem::path& path);

/// The path of SQLite's companion file.
std::filesystem::path walPathOf(const std::filesystem::path& path);

} // namespace headwater
