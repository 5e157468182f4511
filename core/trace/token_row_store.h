// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/select/head_record.h"
#include "core/trace/trace_format.h"

namespace headwater {

/// Refuses token rows of unequal lengths, with keys after the row, or values outside [0, 1]
/// (InvalidArgument).
Result<void> checkTokenRow(const TokenRow& row, std::uint32_t seqLen);
Result<void> insertTokenRow(RowInserter& inserter, const TokenRow& row);
/// Decodes and checks the statement's current row (SELECT * FROM row). Errors: BadFormat naming row, layer
/// and head.
Result<TokenRow> readTokenRow(const SqliteStatement& row, std::uint32_t seqLen);

} // namespace headwater
