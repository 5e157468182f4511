// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A stretch of a UTF-8 text with case folded away (Unicode's full folding: "ß" becomes "ss", "Σ" and "ς"
/// become "σ"), and the way back to the text's own bytes. Bytes that are no UTF-8 stay as they are.
class FoldedText {
public:
    /// Folds `text` from `begin`, where a character must begin, at least to `end` and at least `more` folded
    /// bytes beyond it, as far as there is text. Cost: O(bytes).
    FoldedText(std::string_view text, std::size_t begin, std::size_t end, std::size_t more);

    std::string_view bytes() const { return m_bytes; }
    /// Where the first character at or after `end` begins: the next stretch.
    std::size_t next() const { return m_next; }
    /// The folded bytes of the characters before next().
    std::size_t ownSize() const { return m_ownSize; }

    /// Whether whole characters of the text lie between two places of the folded bytes.
    bool areWhole(std::size_t begin, std::size_t end) const { return isEdge(begin) && isEdge(end); }
    /// The byte of the text where the character of a folded byte begins; of bytes().size() the end of the
    /// stretch.
    std::size_t origin(std::size_t folded) const { return m_begin + m_origins[folded]; }

private:
    bool isEdge(std::size_t folded) const
    {
        return folded == 0 || m_origins[folded] != m_origins[folded - 1];
    }

    std::size_t m_begin;
    std::size_t m_next = 0;
    std::size_t m_ownSize = 0;
    std::string m_bytes;
    std::vector<std::uint32_t> m_origins; ///< of every folded byte and of the end, from m_begin
};

/// Whether a text holds a capital (or title) letter.
bool holdsCapital(std::string_view text);

} // namespace headwater
