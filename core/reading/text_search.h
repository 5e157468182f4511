// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Whether capitals and small letters are the same to a search.
enum class LetterCase {
    Ignored, ///< by Unicode's full case folding, of no language in particular: "STRASSE" finds "Straße"
    Matched, ///< byte for byte
    Smart, ///< matched where what is looked for holds a capital, else ignored
};

/// Where a text occurs: the tokens that hold each hit, begins and ends ascending; hits that begin in the same
/// token are one.
struct TextHits {
    std::vector<TokenRange> spans;
    std::uint64_t occurrences = 0; ///< may be more than the spans
    bool isCut = false; ///< stopped at the limit
    bool isCaseIgnored = false; ///< what Smart has come to
};

/// Finds `needle` in the trace's text. A hit holds whole characters ("s" is not in "ß"); bytes that are no
/// UTF-8 match themselves. Cost: O(bytes), and while case is ignored a folded copy of 64 KiB of text at a
/// time; looks at `stop` as often.
TextHits searchText(const Trace& trace, std::string_view needle, LetterCase letterCase, std::size_t limit,
                    std::stop_token stop);

/// The same on bare arrays. Shape: offsets [tokens + 1].
TextHits searchText(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                    LetterCase letterCase, std::size_t limit, std::stop_token stop);

} // namespace headwater
