// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/tokenizer_data.h"
#include "core/tokenizer/vocabulary.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headwater {

/// What two neighbouring tokens become, and how early: the lower the rank, the sooner.
struct Merge {
    std::uint32_t rank = 0;
    std::int32_t result = -1;
};

/// Two neighbours in a word of symbols: their ids, -1 where they have none, and the symbols [first, middle)
/// and [middle, end) that they were made of.
struct Neighbours {
    std::int32_t left = -1;
    std::int32_t right = -1;
    std::uint32_t first = 0;
    std::uint32_t middle = 0;
    std::uint32_t end = 0;
};

/// Merges by their pair of token ids, in an open-addressed table: looked up once or twice for every byte of
/// text.
class MergeTable {
public:
    /// Room for `count` merges.
    explicit MergeTable(std::size_t count);

    /// Keeps the first merge of a pair.
    void insert(std::int32_t left, std::int32_t right, Merge merge);
    /// Nothing where the two do not merge (a negative id never does).
    std::optional<Merge> find(std::int32_t left, std::int32_t right) const;
    std::optional<Merge> find(const Neighbours& pair) const { return find(pair.left, pair.right); }

private:
    struct Slot {
        std::uint64_t key = kEmpty;
        Merge merge;
    };
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

    std::size_t slotOf(std::uint64_t key) const;

    std::vector<Slot> m_slots; ///< a power of two, at most half full
};

/// A tokenizer's listed merges, the first of rank 0. Errors: BadFormat (none, or one of unknown tokens).
Result<MergeTable> mergesOf(std::span<const MergePair> pairs, const Vocabulary& vocabulary);

} // namespace headwater
