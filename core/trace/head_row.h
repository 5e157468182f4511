// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/chunk.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_types.h"

#include <string>

namespace headwater {

/// Writes one row of the `head` table.
Result<void> insertHead(RowInserter& inserter, const HeadInfo& info);

/// Reads the statement's current row (SELECT * FROM head). Checks the hash and the meaning of every number:
/// the shape of the blocks, the length against `seqLen`, counts against what the shape can hold. Errors:
/// BadFormat.
Result<HeadInfo> readHead(const SqliteStatement& row, std::uint32_t seqLen);

/// More edges than a head of this shape can have: the blocks of its whole square.
std::uint64_t maxEdgesOf(const BlockGrid& grid);

inline HeadShape shapeOf(const HeadInfo& info)
{
    return {{info.rows, info.blockQ, info.blockK}, info.kind, info.window};
}

/// "layer 3, head 5".
std::string headName(int layer, int head);

/// `error` with `where` before its context.
Error inContext(Error error, const std::string& where);

} // namespace headwater
