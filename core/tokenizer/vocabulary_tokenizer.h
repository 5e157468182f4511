// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/subword_model.h"
#include "core/tokenizer/tokenizer.h"

namespace headwater {

/// A tokenizer with a vocabulary: added tokens are found first, what stands between them is normalised, and a
/// SubwordModel cuts it.
/// Bytes without a token belong to the token before them, at the start of a text to the one after.
class VocabularyTokenizer : public Tokenizer {
public:
    /// Errors: BadFormat (an added token too long), those of Vocabulary::make and of the subword models.
    static Result<std::unique_ptr<Tokenizer>> make(const TokenizerData& data);

    Result<TokenSequence> encode(std::string_view text,
                                 std::span<const PlainRange> plain = {}) const override;
    std::string decode(std::int32_t id, bool withControl) const override;
    std::int32_t vocabSize() const override { return static_cast<std::int32_t>(m_pieces.size()); }
    bool endsGeneration(std::int32_t id) const override;
    std::string identity() const override { return m_identity; }

private:
    struct Piece {
        std::string bytes; ///< what the token stands for; a control token's spelling
        bool control = false;
        bool endsGeneration = false;
    };

    class Encoding;

    std::vector<AddedTokens::Match> findAdded(std::string_view text, std::span<const PlainRange> plain) const;
    std::vector<AddedTokens::Match> findIn(const AddedTokens& added, std::string_view text) const;

    std::unique_ptr<SubwordModel> m_subwords;
    AddedTokens m_added;
    AddedTokens m_userDefined; ///< those of m_added that are no control tokens
    AddedTokens m_inNormalised; ///< looked for between those, in the normalised text
    AddedOrder m_order = AddedOrder::LongestFirst;
    bool m_isNfc = false;
    std::vector<Piece> m_pieces;
    std::int32_t m_bos = -1; ///< -1: not added
    std::int32_t m_eos = -1;
    std::string m_identity;
};

} // namespace headwater
