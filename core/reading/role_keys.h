// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/keys_of_rows.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// Where each token of a text occurs. Shape: order [tokens], positions by token id, ascending in each.
class TokenPlaces {
public:
    /// The ids must outlive it. Cost: O(n log n).
    explicit TokenPlaces(std::span<const std::int32_t> ids);

    std::span<const std::int32_t> ids() const { return m_ids; }
    /// How many tokens among these are the same as that of `row`. Cost: O(length), or O(log n).
    std::uint32_t countOf(std::uint32_t row, TokenRange among) const;

private:
    std::span<const std::int32_t> m_ids;
    std::vector<std::uint32_t> m_order;
    std::vector<std::uint32_t> m_first; ///< [tokens], where the places of its token begin in the order
};

/// The token before the row.
class PreviousToken final : public KeysOfRows {
public:
    TokenRange rangeOf(std::uint32_t row) const override { return {row == 0 ? 0 : row - 1, row}; }
    std::uint32_t countIn(std::uint32_t, TokenRange keys) const override { return keys.end - keys.begin; }
    bool contains(std::uint32_t, std::uint32_t) const override { return true; }
};

/// The first token, of every row but itself.
class FirstToken final : public KeysOfRows {
public:
    TokenRange rangeOf(std::uint32_t row) const override { return {0, row == 0 ? 0U : 1U}; }
    std::uint32_t countIn(std::uint32_t, TokenRange keys) const override { return keys.end - keys.begin; }
    bool contains(std::uint32_t, std::uint32_t) const override { return true; }
};

/// Earlier occurrences of the row's own token.
class DuplicateTokens final : public KeysOfRows {
public:
    explicit DuplicateTokens(const TokenPlaces& places)
        : m_places(places)
    {
    }
    TokenRange rangeOf(std::uint32_t row) const override { return {0, row}; }
    std::uint32_t countIn(std::uint32_t row, TokenRange keys) const override
    {
        return m_places.countOf(row, keys);
    }
    bool contains(std::uint32_t row, std::uint32_t key) const override
    {
        return m_places.ids()[key] == m_places.ids()[row];
    }

private:
    const TokenPlaces& m_places;
};

/// The tokens after earlier occurrences of the row's own token; the row itself where it follows one.
class InductionTokens final : public KeysOfRows {
public:
    explicit InductionTokens(const TokenPlaces& places)
        : m_places(places)
    {
    }
    TokenRange rangeOf(std::uint32_t row) const override { return {1, row + 1}; }
    std::uint32_t countIn(std::uint32_t row, TokenRange keys) const override
    {
        return m_places.countOf(row, {keys.begin - 1, keys.end - 1});
    }
    bool contains(std::uint32_t row, std::uint32_t key) const override
    {
        return m_places.ids()[key - 1] == m_places.ids()[row];
    }

private:
    const TokenPlaces& m_places;
};

} // namespace headwater
