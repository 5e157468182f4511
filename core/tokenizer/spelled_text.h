// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/subword_model.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// U+2581, as which SentencePiece's tokens spell a space.
inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

/// A fragment as SentencePiece's tokens spell it: U+2581 for every space. Symbols are its code points, and
/// bytes that are no part of one.
class SpelledText {
public:
    /// `hasPrefix`: begins with a space that the fragment has not.
    void begin(std::string_view fragment, bool hasPrefix);

    /// Whether the first symbol is a space that the fragment has not.
    bool hasPrefix() const { return m_hasPrefix; }
    std::uint32_t symbols() const { return static_cast<std::uint32_t>(m_sourceAt.size()); }
    std::string_view between(std::uint32_t firstSymbol, std::uint32_t endSymbol) const
    {
        return std::string_view(m_text).substr(m_symbolAt[firstSymbol],
                                               m_symbolAt[endSymbol] - m_symbolAt[firstSymbol]);
    }
    std::string_view from(std::uint32_t firstSymbol) const { return between(firstSymbol, symbols()); }
    /// Where the symbol's bytes begin in the fragment.
    std::uint32_t sourceOf(std::uint32_t symbol) const { return m_sourceAt[symbol]; }

private:
    void add(std::string_view symbol, std::size_t source);

    bool m_hasPrefix = false;
    std::string m_text;
    std::vector<std::uint32_t> m_symbolAt; ///< [symbols + 1], in the text
    std::vector<std::uint32_t> m_sourceAt; ///< [symbols]
};

/// Whether a space is put before the fragment.
bool getsSpace(const TextFragment& fragment, SpacePrefix prefix, bool prefixesSpaces);

/// The bytes that a token of SentencePiece's stands for.
std::string bytesOfPiece(const std::string& spelling, TokenType type);

/// What stands for characters that no token spells.
class ByteTokens {
public:
    explicit ByteTokens(const TokenizerData& data);

    bool areAllThere() const;
    /// Appends the tokens of one symbol, or of bytes: `start` is where they begin. Where the vocabulary lacks
    /// a byte, the unknown token once.
    void give(std::string_view symbol, std::uint32_t start, TokenSequence& out) const;

private:
    std::array<std::int32_t, 256> m_ids{}; ///< -1: the vocabulary lacks the byte
    std::int32_t m_unknown = -1;
};

} // namespace headwater
