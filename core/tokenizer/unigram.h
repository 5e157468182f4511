// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/spelled_text.h"
#include "core/tokenizer/subword_model.h"
#include "core/tokenizer/vocabulary.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace headwater {

/// SentencePiece's unigram model (LLM-jp's Llamas): Viterbi's way through all cuts of a text.
class UnigramModel : public SubwordModel {
public:
    explicit UnigramModel(const TokenizerData& data)
        : m_bytes(data)
    {
    }

    /// Errors: BadFormat (scores of another number, or not finite; a byte without a token).
    static Result<std::unique_ptr<SubwordModel>> make(const TokenizerData& data, const Unigram& unigram);

    std::unique_ptr<FragmentCutter> cutter() const override;
    std::string bytesOf(const std::string& spelling, TokenType type) const override;

private:
    class Cutter;

    struct Piece {
        std::string spelling;
        std::int32_t id = -1;
        double score = 0;
    };

    /// Calls see(piece) for every piece that `text` begins with, the shortest first. Cost: O(bytes of the
    /// longest · log pieces).
    template <class See> void forEachPrefix(std::string_view text, See&& see) const;

    std::vector<Piece> m_pieces; ///< by spelling
    std::array<std::uint32_t, 257>
        m_firstOf{}; ///< the first piece that begins with that byte, or a later one
    double m_unknownScore = 0;
    ByteTokens m_bytes;
    SpacePrefix m_spacePrefix = SpacePrefix::None;
    bool m_prefixesSpaces = true;
    bool m_splitsWords = false;
    bool m_sumsAreFloats = false;
};

} // namespace headwater
