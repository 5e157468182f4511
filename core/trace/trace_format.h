// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/sqlite_database.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace headwater {

/// The numbers and names of the trace format (docs/trace_format.md).
inline constexpr std::int32_t kTraceApplicationId = 0x48575452; ///< "HWTR"
inline constexpr std::int32_t kTraceMajor = 1;
inline constexpr std::int32_t kTraceMinor = 1;
inline constexpr std::int32_t kTraceUserVersion = 1000 * kTraceMajor + kTraceMinor;

/// Limits a reader holds every trace to (reliability_ecosystem.md §1.4).
inline constexpr std::uint32_t kMaxTokens = 4u << 20;
inline constexpr std::uint64_t kMaxTextBytes = 64u << 20;
inline constexpr int kMaxLayers = 1024;
inline constexpr int kMaxHeads = 1024;
inline constexpr std::uint64_t kMaxMetaBytes = 16u << 20;
inline constexpr std::uint32_t kMaxTokenRowKeys = 4096;
inline constexpr std::uint32_t kMaxOverviewSide = 4096;
inline constexpr std::uint64_t kMaxChunkEdges = 64u << 20;
inline constexpr std::uint64_t kMaxArrayBytes = 256u << 20;
inline constexpr std::uint64_t kMaxBlobBytes = 512u << 20;

/// One table whose rows carry a hash of all their other columns.
struct TraceTable {
    const char* name;
    const char* create; ///< exactly as sqlite_master holds it
    int columns;
    int hashColumn;
    const char* order; ///< its primary key
};

enum class TraceTableId { Meta, Array, Head, Chunk, Row, Overview };
inline constexpr std::size_t kTraceTables = 6;
const TraceTable& tableOf(TraceTableId id);
const char* sealTableSql();

/// xxh3 of a row: over every column but the hash itself, in order, each value's bytes seeded with the hash so
/// far plus the value's type (0 NULL, 1 INTEGER as i64, 2 REAL as f64, 3 TEXT, 4 BLOB), beginning with xxh3
/// of the table's name.
std::uint64_t rowHash(const TraceTable& table, std::span<const SqlValue> valuesWithoutHash);
/// Refuses the statement's current row (SELECT * of the table) when its hash is not that of its values.
Result<void> checkRowHash(const TraceTable& table, const SqliteStatement& row);

/// INSERT OR REPLACE of one row, with its hash put in its column.
class RowInserter {
public:
    static Result<RowInserter> prepare(const SqliteDatabase& database, TraceTableId id);
    Result<void> insert(std::span<const SqlValue> valuesWithoutHash);

private:
    RowInserter(const TraceTable& table, SqliteStatement statement)
        : m_table(&table)
        , m_statement(std::move(statement))
    {
    }
    const TraceTable* m_table;
    SqliteStatement m_statement;
};

} // namespace headwater
