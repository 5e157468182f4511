// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_shape.h"
#include "core/record/token_row.h"

namespace headwater {

/// How many keys a row of the head may read: those up to itself, inside the window of a sliding head.
inline std::uint32_t numUsableKeys(const HeadShape& shape, std::uint32_t row)
{
    return row + 1 - shape.firstKey(row);
}

/// Whether a recorded row lists every key that it may read: it gives exactly nothing to the keys it does not
/// list. Of any other row those have at most the probability of the last that is listed.
inline bool isListedWhole(const TokenRow& row, const HeadShape& shape)
{
    return row.keys.size() == numUsableKeys(shape, row.row);
}

} // namespace headwater
