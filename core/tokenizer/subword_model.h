// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/tokenizer_data.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace headwater {

/// What stands between two added tokens.
struct TextFragment {
    std::string_view text;
    std::uint32_t start = 0; ///< its place, to which tokens' places are added
    bool beginsText = false;
};

/// Cuts the fragments of one text, what stands between its added tokens, into tokens. Keeps scratch memory
/// and the words that came before; one object a text, whose bytes outlive it.
class FragmentCutter {
public:
    virtual ~FragmentCutter() = default;

    /// Appends ids and where their bytes begin. Bytes that have no token belong to the token before them.
    /// Errors: those of Pretokenizer::split.
    virtual Result<void> cut(const TextFragment& fragment, TokenSequence& out) = 0;
};

/// How fragments become tokens: the part in which kinds of tokenizers differ. Threads: any.
class SubwordModel {
public:
    virtual ~SubwordModel() = default;

    virtual std::unique_ptr<FragmentCutter> cutter() const = 0;
    /// The bytes that a token which is no added one stands for.
    virtual std::string bytesOf(const std::string& spelling, TokenType type) const = 0;
};

} // namespace headwater
