// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"
#include "core/reading/head_cache.h"
#include "core/record/head_shape.h"

#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// The rows of `rows` that are recorded token by token of a head, ascending. Cost: O(rows / kTokenRowBand)
/// reads of what is not in the cache.
Result<std::vector<TokenRow>> recordedRows(HeadCache& heads, int layer, int head, TokenRange rows,
                                           const std::stop_token& stop = {});

/// What bounds every key of these rows of a head that is not among the recorded ones.
struct RecordedBound {
    float most = 0; ///< 0 where every key that a row may read is recorded, of every row
    std::uint32_t keys = 0; ///< recorded a row, of the row that has most; 0 without rows
};
RecordedBound boundOf(std::span<const TokenRow> rows, const HeadShape& shape);

} // namespace headwater
