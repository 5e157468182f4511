// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/pretokenizer.h"
#include "core/tokenizer/subword_model.h"
#include "core/tokenizer/vocabulary.h"

#include <array>
#include <unordered_map>

namespace headwater {

/// Byte-level BPE. A byte whose character the vocabulary lacks gives no token, as in llama.cpp.
class ByteBpeModel : public SubwordModel {
public:
    /// Errors: Unsupported (pre-tokenizer), BadFormat (no merges, a merge of unknown tokens).
    static Result<std::unique_ptr<SubwordModel>> make(const TokenizerData& data, const ByteBpe& bpe,
                                                      const Vocabulary& vocabulary);

    std::unique_ptr<FragmentCutter> cutter() const override;
    std::string bytesOf(const std::string& spelling, TokenType type) const override;

private:
    class Cutter;

    ByteBpeModel(Pretokenizer pretokenizer, MergeTable merges);

    Pretokenizer m_pretokenizer;
    MergeTable m_merges;
    std::array<std::int32_t, 256> m_byteIds{}; ///< -1: the vocabulary lacks the byte
    std::unordered_map<std::string, std::int32_t> m_wholeWords; ///< by their bytes; where merges are ignored
};

} // namespace headwater
