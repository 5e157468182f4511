// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/tokenizer.h"

#include <cstdlib>
#include <string_view>

namespace headwater::fuzz {

/// A tokenizer that can be made cuts a text; what it gives lies in the text and in the vocabulary.
inline void encodeText(const TokenizerData& data)
{
    constexpr std::string_view kText =
        "The river, 1 234 5\xC2\xBD  <s> \xE2\x96\x81x\n\n\xF0\x9F\x98\x80\xFF <0x41>ab";
    const auto tokenizer = makeTokenizer(data);
    if (!tokenizer)
        return;
    const auto out = (*tokenizer)->encode(kText);
    if (!out)
        return;
    if (out->offsets.size() != out->ids.size() + 1)
        std::abort();
    for (std::size_t i = 0; i < out->ids.size(); ++i) {
        if (out->ids[i] < 0 || out->ids[i] >= (*tokenizer)->vocabSize()
            || out->offsets[i] > out->offsets[i + 1] || out->offsets[i + 1] > kText.size())
            std::abort();
        (*tokenizer)->decode(out->ids[i], true);
    }
}

} // namespace headwater::fuzz
