// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace headwater {

/// What two neighbouring tokens become, and how early: the lower the rank, the sooner.
struct Merge {
    std::uint32_t rank = 0;
    std::int32_t result = -1;
};

/// Merges by their pair of token ids, in an open-addressed table: looked up once or twice for every byte of
/// text.
class MergeTable {
public:
    /// Room for `count` merges.
    explicit MergeTable(std::size_t count);

    /// Keeps the first merge of a pair.
    void insert(std::int32_t left, std::int32_t right, Merge merge);
    /// Null when the two do not merge (a negative id never does).
    const Merge* find(std::int32_t left, std::int32_t right) const;

private:
    struct Slot {
        std::uint64_t key = kEmpty;
        Merge merge;
    };
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

    std::size_t slotOf(std::uint64_t key) const;

    std::vector<Slot> m_slots; ///< a power of two, at most half full
};

/// Merges the symbols of one word until none is left: always the merge of lowest rank, the leftmost of
/// equals. Keeps its scratch memory from word to word; one object a thread. Cost: O(n log n) for n symbols,
/// constant stack.
class WordMerger {
public:
    explicit WordMerger(const MergeTable& merges)
        : m_merges(merges)
    {
    }

    /// A token and its first symbol in the word.
    struct Piece {
        std::int32_t id = -1;
        std::uint32_t start = 0;
    };
    /// `symbols` are token ids, -1 for a symbol that has none (such pieces keep -1).
    const std::vector<Piece>& merge(const std::vector<std::int32_t>& symbols);

private:
    struct Symbol {
        std::int32_t id;
        std::uint32_t previous;
        std::uint32_t next;
    };
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    void consider(std::uint32_t left);

    const MergeTable& m_merges;
    std::vector<Symbol> m_symbols;
    std::vector<std::uint64_t> m_queue; ///< heap of rank << 32 | left symbol
    std::vector<Piece> m_pieces;
};

} // namespace headwater
