// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <string_view>

namespace headwater {

/// Tokens [begin, end).
struct TokenRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const TokenRange&) const = default;
};

/// "A:B", "A:" or ":B" as tokens [A, B). Errors: InvalidArgument (not within [0, seqLen], or empty).
Result<TokenRange> parseTokenRange(std::string_view text, std::uint32_t seqLen);

/// The same, or "A": the one token. Errors: InvalidArgument (not within the sequence).
Result<TokenRange> parseTokens(std::string_view text, std::uint32_t seqLen);

} // namespace headwater
