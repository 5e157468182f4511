// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"

#include <cstdint>

namespace headwater {

/// Some keys for every row: which of them a row reads is asked for.
class KeysOfRows {
public:
    virtual ~KeysOfRows() = default;
    /// Holds all of a row's keys. Begin and end do not fall from row to row.
    virtual TokenRange rangeOf(std::uint32_t row) const = 0;
    /// How many of a row's keys lie among these, which lie inside rangeOf(row).
    virtual std::uint32_t countIn(std::uint32_t row, TokenRange keys) const = 0;
    /// Whether a key inside rangeOf(row) is one of the row's.
    virtual bool contains(std::uint32_t row, std::uint32_t key) const = 0;
};

/// The same span for every row.
class SpanKeys final : public KeysOfRows {
public:
    explicit SpanKeys(TokenRange keys)
        : m_keys(keys)
    {
    }
    TokenRange rangeOf(std::uint32_t) const override { return m_keys; }
    std::uint32_t countIn(std::uint32_t, TokenRange keys) const override { return keys.end - keys.begin; }
    bool contains(std::uint32_t, std::uint32_t) const override { return true; }

private:
    TokenRange m_keys;
};

} // namespace headwater
