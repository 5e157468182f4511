// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/array_store.h"
#include "core/trace/field_codec.h"
#include "core/trace/sqlite_database.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace headwater {

/// The bytes of a trace without layers: the small tables, and a seal over them. Its header says WAL, so that
/// whoever opens it to write goes on in WAL mode; its seal lets readers trust it without a -wal file.
/// Errors: InvalidArgument (a meta value beyond its bound), OutOfMemory. Cost: twice the result in memory.
Result<std::string> firstStateOf(FieldCoder& coder, const TokenTables& tables, const nlohmann::json& meta);

/// Puts one row of `meta`. `json`: the value's text. Errors: InvalidArgument (beyond kMaxMetaBytes).
Result<void> insertMeta(const SqliteDatabase& database, std::string_view key, std::string_view json);

} // namespace headwater
