// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/merge_table.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace headwater {

/// A token of a word and its first symbol.
struct WordPiece {
    std::int32_t id = -1; ///< -1: a symbol that has no token
    std::uint32_t start = 0;
};

/// Merges the symbols of one word until none is left: always the merge of lowest rank, the leftmost of
/// equals. `Merges` answers `std::optional<Merge> find(const Neighbours&)`. Keeps its scratch memory from
/// word to word; one object a thread. Cost: O(n log n) for n symbols, constant stack.
template <class Merges> class WordMerger {
public:
    explicit WordMerger(const Merges& merges)
        : m_merges(merges)
    {
    }

    /// `symbols` are token ids, -1 for a symbol that has none. Valid until the next call.
    const std::vector<WordPiece>& merge(const std::vector<std::int32_t>& symbols)
    {
        const auto count = static_cast<std::uint32_t>(symbols.size());
        m_symbols.clear();
        m_queue.clear();
        for (std::uint32_t i = 0; i < count; ++i)
            m_symbols.push_back({symbols[i], i == 0 ? kNone : i - 1, i + 1 == count ? kNone : i + 1});
        for (std::uint32_t i = 0; i < count; ++i)
            consider(i);
        while (!m_queue.empty()) {
            std::ranges::pop_heap(m_queue, std::greater<>{});
            const std::uint64_t entry = m_queue.back();
            m_queue.pop_back();
            const auto left = static_cast<std::uint32_t>(entry);
            if (m_symbols[left].id == kGone || m_symbols[left].next == kNone)
                continue;
            // The entry is stale when either side has changed since: then the pair has another rank or none.
            const std::optional<Merge> merge = m_merges.find(neighbours(left));
            if (merge && merge->rank == entry >> 32)
                join(left, merge->result);
        }
        m_pieces.clear();
        for (std::uint32_t i = 0; i < count; ++i) {
            if (m_symbols[i].id != kGone)
                m_pieces.push_back({m_symbols[i].id, i});
        }
        return m_pieces;
    }

private:
    struct Symbol {
        std::int32_t id;
        std::uint32_t previous;
        std::uint32_t next;
    };
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr std::int32_t kGone = -2;

    Neighbours neighbours(std::uint32_t left) const
    {
        const std::uint32_t right = m_symbols[left].next;
        const std::uint32_t after = m_symbols[right].next;
        return {m_symbols[left].id, m_symbols[right].id, left, right,
                after == kNone ? static_cast<std::uint32_t>(m_symbols.size()) : after};
    }

    void consider(std::uint32_t left)
    {
        if (m_symbols[left].next == kNone)
            return;
        if (const std::optional<Merge> merge = m_merges.find(neighbours(left))) {
            m_queue.push_back(static_cast<std::uint64_t>(merge->rank) << 32 | left);
            std::ranges::push_heap(m_queue, std::greater<>{});
        }
    }

    void join(std::uint32_t left, std::int32_t result)
    {
        const std::uint32_t right = m_symbols[left].next;
        m_symbols[left].id = result;
        m_symbols[left].next = m_symbols[right].next;
        m_symbols[right].id = kGone;
        if (m_symbols[left].next != kNone)
            m_symbols[m_symbols[left].next].previous = left;
        consider(left);
        if (m_symbols[left].previous != kNone)
            consider(m_symbols[left].previous);
    }

    const Merges& m_merges;
    std::vector<Symbol> m_symbols;
    std::vector<std::uint64_t> m_queue; ///< heap of rank << 32 | left symbol
    std::vector<WordPiece> m_pieces;
};

} // namespace headwater
