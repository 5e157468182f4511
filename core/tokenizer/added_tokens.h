// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/tokenizer_data.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headwater {

/// Finds the tokens that are matched in the text as they are spelled, before anything else ("<|im_start|>").
/// Longer spellings win over shorter ones wherever they overlap, earlier places over later ones of the same
/// spelling: the order in which llama.cpp partitions a text (longest first, over the whole text). Threads:
/// any.
class AddedTokens {
public:
    /// Empty spellings are ignored. The rule is findFromLeft's alone.
    void add(std::string spelling, std::int32_t id, const AddedTokenRule& rule = {});
    bool empty() const { return m_ids.empty(); }

    struct Match {
        std::uint32_t start = 0;
        std::uint32_t length = 0;
        std::int32_t id = -1;
    };
    /// Matches in the order of the text, without overlaps. Cost: O(text · sum of the different lengths),
    /// which limits::kAddedTokenBytes bounds.
    std::vector<Match> find(std::string_view text) const;
    /// The same in the order of Hugging Face's `tokenizers`: from the left, the longest spelling of a place.
    /// The two differ only where spellings overlap, and by the rules: a match takes the white space beside
    /// it, or is none inside a word. Cost: as `find`.
    std::vector<Match> findFromLeft(std::string_view text) const;

private:
    /// The matches that begin at byte `start`, longest first; `take` returns whether to look on.
    template <class Take> void matchAt(std::string_view text, std::size_t start, Take take) const;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> m_ids;
    std::vector<std::uint32_t> m_lengths; ///< descending
    std::unordered_map<std::int32_t, AddedTokenRule> m_rules; ///< of those that have one
    bool m_startsWith[256] = {};
};

} // namespace headwater
