// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Token ids and where each one comes from: token i is bytes [offsets[i], offsets[i + 1]) of the text; tokens
/// that add no text (BOS) have an empty range. Shape: ids [n]; offsets [n + 1], offsets[n] = text size.
struct TokenSequence {
    std::vector<std::int32_t> ids;
    std::vector<std::uint32_t> offsets;
};

/// Bytes [begin, end) of a text in which the spelling of a control token is text like any other.
struct PlainRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Text to token ids and back. Text may hold any bytes (invalid UTF-8, NUL): offsets rebuild it exactly.
/// Threads: const members may be called from any thread.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Special and added tokens written in the text ("<|im_start|>") become their ids; BOS/EOS as the model
    /// says. Not so control tokens of which any byte lies in one of `plain`: there the ids are those of
    /// `tokenizers` with split_special_tokens, and added tokens that are no control tokens are still found.
    /// Shape: plain in order, none over another.
    /// Errors: InvalidArgument (more than 4 Mi tokens or 64 MiB of text).
    virtual Result<TokenSequence> encode(std::string_view text,
                                         std::span<const PlainRange> plain = {}) const = 0;

    /// The bytes one token stands for; control tokens give their spelling only when `withControl`.
    virtual std::string decode(std::int32_t id, bool withControl) const = 0;

    virtual std::int32_t vocabSize() const = 0;
    /// True for tokens that end generation (EOS, <|im_end|>).
    virtual bool endsGeneration(std::int32_t id) const = 0;
    /// Hash of everything that decides ids, for the trace's meta.
    virtual std::string identity() const = 0;
};

/// Errors: Unsupported (pre-tokenizer, by name), BadFormat (a merge naming an unknown token, zero merges,
/// ...).
Result<std::unique_ptr<Tokenizer>> makeTokenizer(const TokenizerData& data);

} // namespace headwater
