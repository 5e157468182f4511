// SPDX-License-Identifier: Apache-2.0
#include "core/trace/first_state.h"

#include "core/base/bounded_json.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_seal.h"

#include <fmt/format.h>
#include <memory>
#include <sqlite3.h>

namespace headwater {
namespace {

/// Bytes of a page of the database. Large traces hold blobs of about 1 MiB; the blobs of small ones, a few
/// hundred bytes to some KiB, must not leave pages half empty (SmolLM2, 900 tokens: 4.1 MiB with pages of 512
/// bytes, 4.6 with 4 096).
int pageBytesFor(const TokenTables& tables)
{
    constexpr std::uint64_t kSmallTrace = 512u << 10; // tokens times heads
    constexpr std::uint64_t kLargeTrace = 4u << 20;
    std::uint64_t heads = 0;
    for (const std::uint32_t count : tables.headsPerLayer)
        heads += count;
    const std::uint64_t size = tables.tokenIds.size() * heads;
    if (size < kSmallTrace)
        return 512;
    return size < kLargeTrace ? 4096 : 16384;
}

Result<void> fill(const SqliteDatabase& database, FieldCoder& coder, const TokenTables& tables,
                  const nlohmann::json& meta)
{
    HEADWATER_TRY(
        database.execute(fmt::format("PRAGMA page_size={}; PRAGMA application_id={}; PRAGMA user_version={};",
                                     pageBytesFor(tables), kTraceApplicationId, kTraceUserVersion)));
    HEADWATER_TRY(database.execute("BEGIN"));
    for (std::size_t table = 0; table < kTraceTables; ++table)
        HEADWATER_TRY(database.execute(tableOf(static_cast<TraceTableId>(table)).create));
    for (const auto& item : meta.items())
        HEADWATER_TRY(insertMeta(database, item.key(), jsonText(item.value())));
    {
        HEADWATER_TRY_ASSIGN(RowInserter arrays, RowInserter::prepare(database, TraceTableId::Array));
        HEADWATER_TRY(insertTokenTables(arrays, coder, tables));
    }
    HEADWATER_TRY(renewSeal(database));
    return database.execute("COMMIT");
}

} // namespace

Result<void> insertMeta(const SqliteDatabase& database, std::string_view key, std::string_view json)
{
    if (json.size() > kMaxMetaBytes)
        return Error{
            ErrorCode::InvalidArgument, fmt::format("meta key '{}' has {} bytes", key, json.size()), {}};
    HEADWATER_TRY_ASSIGN(RowInserter rows, RowInserter::prepare(database, TraceTableId::Meta));
    const std::array<SqlValue, 2> values = {SqlValue(key), SqlValue(json)};
    return rows.insert(values);
}

Result<std::string> firstStateOf(FieldCoder& coder, const TokenTables& tables, const nlohmann::json& meta)
{
    HEADWATER_TRY_ASSIGN(SqliteDatabase database,
                         SqliteDatabase::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    HEADWATER_TRY(fill(database, coder, tables, meta));
    sqlite3_int64 bytes = 0;
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> image(
        sqlite3_serialize(database.handle(), "main", &bytes, 0), &sqlite3_free);
    if (!image)
        return Error{ErrorCode::OutOfMemory, fmt::format("no memory for {} bytes", bytes), {}};
    std::string state(reinterpret_cast<const char*>(image.get()), static_cast<std::size_t>(bytes));
    // The file format version: WAL (https://www.sqlite.org/fileformat2.html §1.3.3). A database in memory
    // cannot be asked for it.
    state.at(18) = state.at(19) = 2;
    return state;
}

} // namespace headwater
