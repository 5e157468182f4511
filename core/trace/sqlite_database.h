// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

struct sqlite3;
struct sqlite3_stmt;

namespace headwater {

/// A value to be bound: NULL, INTEGER, REAL, TEXT or BLOB. Views must live until the statement has been
/// stepped.
using SqlValue =
    std::variant<std::monostate, std::int64_t, double, std::string_view, std::span<const std::byte>>;

/// A NaN has no REAL: it is stored as NULL.
SqlValue sqlReal(double value);

/// One prepared statement. The views it returns are valid until the next step, reset or destruction.
class SqliteStatement {
public:
    SqliteStatement(sqlite3* database, sqlite3_stmt* statement)
        : m_database(database)
        , m_statement(statement)
    {
    }
    SqliteStatement(SqliteStatement&& other) noexcept;
    SqliteStatement& operator=(SqliteStatement&& other) noexcept;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement();

    /// Resets the statement and binds the values to ?1, ?2, ...
    Result<void> bind(std::span<const SqlValue> values);
    /// True: there is a row. Errors are named by SQLite's own words.
    Result<bool> step();
    /// Steps a statement that returns no rows.
    Result<void> run(std::span<const SqlValue> values);
    void reset();

    int columns() const;
    bool isNull(int column) const;
    /// Values of another type than asked for are converted as SQLite does it (a text becomes 0): the row hash
    /// and the checks of meaning that follow catch them.
    std::int64_t integer(int column) const;
    double real(int column) const; ///< NaN for NULL
    std::string_view text(int column) const;
    std::span<const std::byte> blob(int column) const;
    /// The value as stored, with its own type.
    SqlValue value(int column) const;

private:
    sqlite3* m_database = nullptr;
    sqlite3_stmt* m_statement = nullptr;
};

/// One SQLite connection. Errors carry no context: callers add the file's name.
class SqliteDatabase {
public:
    /// `uri` is a file: URI; `flags` are SQLITE_OPEN_ ones.
    static Result<SqliteDatabase> open(const std::string& uri, int flags);
    SqliteDatabase(SqliteDatabase&& other) noexcept;
    SqliteDatabase& operator=(SqliteDatabase&& other) noexcept;
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;
    ~SqliteDatabase();

    Result<SqliteStatement> prepare(std::string_view sql) const;
    /// Runs one or more statements without parameters, ignoring rows.
    Result<void> execute(const std::string& sql) const;
    /// The first column of the first row of a query.
    Result<std::int64_t> integer(std::string_view sql) const;
    Result<std::string> text(std::string_view sql) const;

    sqlite3* handle() const { return m_database; }
    /// Closes now and says whether that worked.
    Result<void> close();

private:
    explicit SqliteDatabase(sqlite3* database)
        : m_database(database)
    {
    }
    sqlite3* m_database = nullptr;
};

/// The Error of the connection's last failure. Damage (SQLITE_CORRUPT, NOTADB and wrong types) is BadFormat,
/// a full disk and failed reads or writes are Io, locks are Unavailable.
Error sqliteError(sqlite3* database, int code);

/// A file: URI of a path, escaped as SQLite demands.
std::string sqliteUri(const std::string& path, std::string_view query);

/// SQLite opens no file whose whole path, links followed, has more than 512 bytes with its companions'
/// endings; Linux allows 4 096. Errors: Unsupported.
Result<void> checkSqlitePath(const std::filesystem::path& path);

} // namespace headwater
