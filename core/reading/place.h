// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"

#include <cstdint>
#include <optional>

namespace headwater {

/// Where all heads are asked at once what they read: a row, a key, a pair, or a span of rows and one of keys.
struct Place {
    std::optional<TokenRange> rows; ///< none: every row that may read one of the keys
    std::optional<TokenRange> keys; ///< none: of a single row its largest key that is no marked sink

    bool operator==(const Place&) const = default;

    static Place ofRow(std::uint32_t row) { return {TokenRange{row, row + 1}, std::nullopt}; }
    static Place ofKey(std::uint32_t key) { return {std::nullopt, TokenRange{key, key + 1}}; }
    static Place ofPair(std::uint32_t row, std::uint32_t key)
    {
        return {TokenRange{row, row + 1}, TokenRange{key, key + 1}};
    }

    /// The rows that tell of it.
    TokenRange tellingRows(std::uint32_t seqLen) const
    {
        return rows ? *rows : TokenRange{keys->begin, seqLen};
    }
};

/// Errors: InvalidArgument (neither rows nor keys, rows without keys that are not one, tokens that the
/// sequence does not have, keys that are all after the rows).
Result<void> checkPlace(const Place& place, std::uint32_t seqLen);

} // namespace headwater
