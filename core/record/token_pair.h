// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

namespace headwater {

/// A query token and a key token. Either may be absent: only a row is meant, say.
struct TokenPair {
    std::optional<std::uint32_t> query;
    std::optional<std::uint32_t> key;
    bool operator==(const TokenPair&) const = default;
};

} // namespace headwater
