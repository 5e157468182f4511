// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/tokenizer.h"

namespace headwater {

/// One token a byte: ids 0 to 255 are the bytes, 256 is BOS, 257 is EOS. The tokenizer of builtin:needle.
class BytesTokenizer : public Tokenizer {
public:
    static constexpr std::int32_t kBos = 256;
    static constexpr std::int32_t kEos = 257;
    static constexpr std::int32_t kVocabSize = 258;

    explicit BytesTokenizer(const TokenizerData& data);

    Result<TokenSequence> encode(std::string_view text,
                                 std::span<const PlainRange> plain = {}) const override;
    std::string decode(std::int32_t id, bool withControl) const override;
    std::int32_t vocabSize() const override { return kVocabSize; }
    bool endsGeneration(std::int32_t id) const override { return id == kEos; }
    std::string identity() const override { return m_identity; }

private:
    bool m_addBos;
    bool m_addEos;
    std::string m_identity;
};

} // namespace headwater
