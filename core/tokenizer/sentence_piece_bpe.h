// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/spelled_text.h"
#include "core/tokenizer/subword_model.h"
#include "core/tokenizer/vocabulary.h"

#include <cstddef>
#include <optional>
#include <unordered_map>

namespace headwater {

/// SentencePiece's BPE (Gemma, Llama 2, Mistral 7B). Control and byte tokens are never made by merging.
class SentencePieceModel : public SubwordModel {
public:
    explicit SentencePieceModel(const TokenizerData& data)
        : m_bytes(data)
    {
    }

    /// Errors: BadFormat (scores of another number, or not numbers).
    static Result<std::unique_ptr<SubwordModel>> make(const TokenizerData& data, const SentencePieceBpe& bpe,
                                                      const Vocabulary& vocabulary);

    std::unique_ptr<FragmentCutter> cutter() const override;
    std::string bytesOf(const std::string& spelling, TokenType type) const override;

private:
    class Cutter;

    /// A token that neighbours may become.
    struct Piece {
        std::int32_t id = -1;
        std::uint32_t rank = 0; ///< 0 for the highest score; equal scores have one rank
        bool isUnused = false; ///< made on the way to longer ones, never given out
    };
    const Piece* find(std::string_view spelling) const;

    std::vector<std::string> m_spellings; ///< of the pieces
    std::unordered_map<std::string_view, Piece> m_pieces;
    std::size_t m_longest = 0; ///< bytes of the longest piece
    ByteTokens m_bytes;
    std::optional<MergeTable> m_merges; ///< where pieces merge as listed
    SpacePrefix m_spacePrefix = SpacePrefix::None;
    bool m_prefixesSpaces = true;
};

} // namespace headwater
