// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_format.h"

#include <QString>
#include <QStringList>
#include <filesystem>
#include <sqlite3.h>

namespace headwater::test {

/// Every row of every table but `meta` (times, the report with its seconds), a line each: table, number
/// in the order of the primary key, and the row's xxh3, which is over all its other columns, blobs among
/// them (verifyTrace has checked that). Empty when the file cannot be read.
inline QStringList rowsOf(const std::filesystem::path& path)
{
    const auto database =
        SqliteDatabase::open(sqliteUri(path.string(), "mode=ro"), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    QStringList rows;
    for (std::size_t id = 0; database && id < kTraceTables; ++id) {
        const TraceTable& table = tableOf(static_cast<TraceTableId>(id));
        if (static_cast<TraceTableId>(id) == TraceTableId::Meta)
            continue;
        auto statement =
            database->prepare(std::string("SELECT * FROM \"") + table.name + "\" ORDER BY " + table.order);
        if (!statement)
            return {};
        int number = 0;
        auto more = statement->step();
        for (; more && *more; more = statement->step())
            rows.append(QStringLiteral("%1 %2: %3")
                            .arg(table.name)
                            .arg(number++)
                            .arg(statement->integer(table.hashColumn), 0, 16));
        if (!more || number == 0)
            return {};
    }
    return rows;
}

} // namespace headwater::test
