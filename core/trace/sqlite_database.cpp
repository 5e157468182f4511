// SPDX-License-Identifier: Apache-2.0
#include "core/trace/sqlite_database.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <sqlite3.h>
#include <utility>

namespace headwater {

SqlValue sqlReal(double value)
{
    if (std::isnan(value))
        return std::monostate();
    return value;
}

Error sqliteError(sqlite3* database, int code)
{
    const std::string message = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
        return {ErrorCode::Io, message, {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: // gave up on the locks of a -wal file
        return {ErrorCode::Unavailable, message + " (another program holds the file)", {}};
    case SQLITE_NOMEM:
        return {ErrorCode::OutOfMemory, message, {}};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return {ErrorCode::NotFound, message, {}};
    case SQLITE_INTERRUPT:
        return {ErrorCode::Cancelled, message, {}};
    default:
        return {ErrorCode::BadFormat, message, {}};
    }
}

std::string sqliteUri(const std::string& path, std::string_view query)
{
    std::string uri = "file:";
    // A path that begins with two slashes would read as an authority.
    if (path.starts_with("//"))
        uri += "//";
    for (const char c : path) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '/' || c == '.' || c == '-' || c == '_';
        if (isPlain)
            uri += c;
        else
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    if (!query.empty())
        uri += fmt::format("?{}", query);
    return uri;
}

Result<void> checkSqlitePath(const std::filesystem::path& path)
{
    constexpr std::size_t kLongest =
        512 - std::string_view("-journal").size(); // MAX_PATHNAME of its os_unix.c
    std::error_code failed;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(path, failed);
    if (failed || whole.native().size() <= kLongest)
        return {};
    return Error{
        ErrorCode::Unsupported,
        fmt::format(
            "its whole path has {} bytes, SQLite opens at most {}: move it to a folder nearer the root",
            whole.native().size(), kLongest),
        {}};
}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : m_database(other.m_database)
    , m_statement(std::exchange(other.m_statement, nullptr))
{
}

SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept
{
    std::swap(m_database, other.m_database);
    std::swap(m_statement, other.m_statement);
    return *this;
}

SqliteStatement::~SqliteStatement()
{
    sqlite3_finalize(m_statement);
}

Result<void> SqliteStatement::bind(std::span<const SqlValue> values)
{
    sqlite3_reset(m_statement);
    int index = 0;
    for (const SqlValue& value : values) {
        ++index;
        int code = SQLITE_OK;
        if (std::holds_alternative<std::monostate>(value)) {
            code = sqlite3_bind_null(m_statement, index);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(m_statement, index, *number);
        } else if (const auto* real = std::get_if<double>(&value)) {
            code = sqlite3_bind_double(m_statement, index, *real);
        } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            code = sqlite3_bind_text64(m_statement, index, text->data() ? text->data() : "", text->size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
        } else if (const auto* blob = std::get_if<std::span<const std::byte>>(&value)) {
            // A null pointer would bind NULL instead of an empty blob.
            const void* data = blob->empty() ? static_cast<const void*>("") : blob->data();
            code = sqlite3_bind_blob64(m_statement, index, data, blob->size(), SQLITE_STATIC);
        }
        if (code != SQLITE_OK)
            return sqliteError(m_database, code);
    }
    return {};
}

Result<bool> SqliteStatement::step()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return sqliteError(m_database, code);
}

Result<void> SqliteStatement::run(std::span<const SqlValue> values)
{
    HEADWATER_TRY(bind(values));
    HEADWATER_TRY(step());
    sqlite3_reset(m_statement);
    return {};
}

void SqliteStatement::reset()
{
    sqlite3_reset(m_statement);
}

int SqliteStatement::columns() const
{
    return sqlite3_column_count(m_statement);
}

bool SqliteStatement::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

double SqliteStatement::real(int column) const
{
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN()
                          : sqlite3_column_double(m_statement, column);
}

std::string_view SqliteStatement::text(int column) const
{
    const std::span<const std::byte> bytes = blob(column);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> SqliteStatement::blob(int column) const
{
    const void* data = sqlite3_column_blob(m_statement, column);
    const int bytes = sqlite3_column_bytes(m_statement, column);
    if (!data || bytes <= 0)
        return {};
    return {static_cast<const std::byte*>(data), static_cast<std::size_t>(bytes)};
}

SqlValue SqliteStatement::value(int column) const
{
    switch (sqlite3_column_type(m_statement, column)) {
    case SQLITE_INTEGER:
        return integer(column);
    case SQLITE_FLOAT:
        return real(column);
    case SQLITE_TEXT:
        return text(column);
    case SQLITE_BLOB:
        return blob(column);
    default:
        return std::monostate();
    }
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& uri, int flags)
{
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(uri.c_str(), &handle, flags | SQLITE_OPEN_URI, nullptr);
    SqliteDatabase database(handle);
    if (code != SQLITE_OK)
        return sqliteError(handle, code);
    sqlite3_extended_result_codes(handle, 0);
    return database;
}

SqliteDatabase::SqliteDatabase(SqliteDatabase&& other) noexcept
    : m_database(std::exchange(other.m_database, nullptr))
{
}

SqliteDatabase& SqliteDatabase::operator=(SqliteDatabase&& other) noexcept
{
    std::swap(m_database, other.m_database);
    return *this;
}

SqliteDatabase::~SqliteDatabase()
{
    sqlite3_close_v2(m_database);
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) const
{
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v2(m_database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK)
        return sqliteError(m_database, code);
    return SqliteStatement(m_database, statement);
}

Result<void> SqliteDatabase::execute(const std::string& sql) const
{
    const int code = sqlite3_exec(m_database, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return sqliteError(m_database, code);
    return {};
}

Result<std::int64_t> SqliteDatabase::integer(std::string_view sql) const
{
    HEADWATER_TRY_ASSIGN(SqliteStatement statement, prepare(sql));
    HEADWATER_TRY_ASSIGN(const bool hasRow, statement.step());
    return hasRow ? statement.integer(0) : std::int64_t{0};
}

Result<std::string> SqliteDatabase::text(std::string_view sql) const
{
    HEADWATER_TRY_ASSIGN(SqliteStatement statement, prepare(sql));
    HEADWATER_TRY_ASSIGN(const bool hasRow, statement.step());
    return hasRow ? std::string(statement.text(0)) : std::string();
}

Result<void> SqliteDatabase::close()
{
    const int code = sqlite3_close(m_database);
    if (code != SQLITE_OK)
        return sqliteError(m_database, code);
    m_database = nullptr;
    return {};
}

} // namespace headwater
