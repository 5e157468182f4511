// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_format.h"

#include "core/base/hash.h"

#include <array>
#include <fmt/format.h>
#include <vector>

namespace headwater {
namespace {

constexpr std::array<TraceTable, kTraceTables> kTables = {{
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT, xxh3 INTEGER)", 3, 2, "key"},
    {"array",
     "CREATE TABLE array(name TEXT PRIMARY KEY, dtype TEXT, shape TEXT, codec TEXT, xxh3 INTEGER, data BLOB)",
     6, 4, "name"},
    {"head",
     "CREATE TABLE head(layer INTEGER, head INTEGER, kind TEXT, window INTEGER, normaliser TEXT, \"select\" "
     "TEXT, "
     "keep_keys INTEGER, block_q INTEGER, block_k INTEGER, rows INTEGER, edges INTEGER, extras INTEGER, "
     "usable_pairs INTEGER, kept_pairs INTEGER, always_kept_pairs INTEGER, extra_pairs INTEGER, "
     "kept_mass_mean REAL, "
     "kept_mass_lo REAL, kept_mass_hi REAL, kept_mass_p5 REAL, kept_mass_min REAL, content_mass REAL, "
     "probe_rows INTEGER, stats TEXT, sinks BLOB, chunks INTEGER, xxh3 INTEGER, PRIMARY KEY(layer, head))",
     27, 26, "layer, head"},
    {"chunk",
     "CREATE TABLE chunk(layer INTEGER, head INTEGER, first_row INTEGER, field TEXT, rows INTEGER, edges "
     "INTEGER, "
     "codec TEXT, xxh3 INTEGER, data BLOB, PRIMARY KEY(layer, head, first_row, field))",
     9, 7, "layer, head, first_row, field"},
    {"row",
     "CREATE TABLE row(row INTEGER, layer INTEGER, heads INTEGER, pairs INTEGER, codec TEXT, xxh3 INTEGER, "
     "keys BLOB, p BLOB, PRIMARY KEY(row, layer))",
     8, 5, "row, layer"},
    {"overview",
     "CREATE TABLE overview(layer INTEGER, head INTEGER, side INTEGER, level INTEGER, codec TEXT, xxh3 "
     "INTEGER, data BLOB, "
     "PRIMARY KEY(side, layer, head))",
     7, 5, "side, layer, head"},
}};

std::span<const std::byte> bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::uint64_t hashValue(std::uint64_t hash, const SqlValue& value)
{
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return xxh3(std::as_bytes(std::span(integer, 1)), hash + 1);
    if (const auto* real = std::get_if<double>(&value))
        return xxh3(std::as_bytes(std::span(real, 1)), hash + 2);
    if (const auto* text = std::get_if<std::string_view>(&value))
        return xxh3(bytesOf(*text), hash + 3);
    if (const auto* blob = std::get_if<std::span<const std::byte>>(&value))
        return xxh3(*blob, hash + 4);
    return xxh3({}, hash);
}

} // namespace

const TraceTable& tableOf(TraceTableId id)
{
    return kTables[static_cast<std::size_t>(id)];
}

const char* sealTableSql()
{
    return "CREATE TABLE seal(id INTEGER PRIMARY KEY, heads INTEGER, rows INTEGER, xxh3 INTEGER, file BLOB)";
}

std::uint64_t rowHash(const TraceTable& table, std::span<const SqlValue> valuesWithoutHash)
{
    std::uint64_t hash = xxh3(bytesOf(table.name));
    for (const SqlValue& value : valuesWithoutHash)
        hash = hashValue(hash, value);
    return hash;
}

Result<void> checkRowHash(const TraceTable& table, const SqliteStatement& row)
{
    std::uint64_t hash = xxh3(bytesOf(table.name));
    for (int column = 0; column < table.columns; ++column) {
        if (column != table.hashColumn)
            hash = hashValue(hash, row.value(column));
    }
    const auto stored = static_cast<std::uint64_t>(row.integer(table.hashColumn));
    if (stored != hash) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("damaged: its xxh3 is {:016x}, the trace says {:016x}", hash, stored),
                     {}};
    }
    return {};
}

Result<RowInserter> RowInserter::prepare(const SqliteDatabase& database, TraceTableId id)
{
    const TraceTable& table = tableOf(id);
    std::string sql = fmt::format("INSERT OR REPLACE INTO {} VALUES(?", table.name);
    for (int column = 1; column < table.columns; ++column)
        sql += ",?";
    sql += ')';
    HEADWATER_TRY_ASSIGN(SqliteStatement statement, database.prepare(sql));
    return RowInserter(table, std::move(statement));
}

Result<void> RowInserter::insert(std::span<const SqlValue> valuesWithoutHash)
{
    const auto hash = static_cast<std::int64_t>(rowHash(*m_table, valuesWithoutHash));
    std::vector<SqlValue> values(valuesWithoutHash.begin(), valuesWithoutHash.end());
    values.insert(values.begin() + m_table->hashColumn, SqlValue(hash));
    return m_statement.run(values);
}

} // namespace headwater
