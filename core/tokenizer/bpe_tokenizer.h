// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/pretokenizer.h"
#include "core/tokenizer/tokenizer.h"

#include <array>

namespace headwater {

/// Byte-level BPE (GPT-2 and its descendants). A byte whose character the vocabulary lacks gives no token, as
/// in llama.cpp; the token before it (the one after it at the start of a text) carries it in its range.
class BpeTokenizer : public Tokenizer {
public:
    /// Errors: Unsupported (pre-tokenizer), BadFormat (no tokens, no merges, a merge of unknown tokens, lists
    /// of different lengths, an id outside the vocabulary).
    static Result<std::unique_ptr<Tokenizer>> make(const TokenizerData& data);

    Result<TokenSequence> encode(std::string_view text, PlainRange plain = {}) const override;
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
    class WordCache;

    BpeTokenizer(Pretokenizer pretokenizer, std::size_t numMerges);

    std::vector<AddedTokens::Match> findAdded(std::string_view text, PlainRange plain) const;
    Result<void> encodeFragment(std::string_view text, std::uint32_t start, WordMerger& merger,
                                WordCache& cache, TokenSequence& out) const;
    void encodeWord(std::string_view word, std::uint32_t start, WordMerger& merger, WordCache& cache,
                    TokenSequence& out) const;

    Pretokenizer m_pretokenizer;
    MergeTable m_merges;
    AddedTokens m_added;
    AddedTokens m_userDefined; ///< those of m_added that are no control tokens
    std::vector<Piece> m_pieces;
    std::array<std::int32_t, 256> m_byteIds{}; ///< -1: the vocabulary lacks the byte
    std::int32_t m_bos = -1; ///< -1: not added
    std::int32_t m_eos = -1;
    std::string m_identity;
};

} // namespace headwater
