// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Cuts text into the words that merges never cross, by the patterns that a model file names
/// (tokenizer.ggml.pre). Several patterns are applied one after the other, each inside the pieces of the one
/// before, as llama.cpp does; what a pattern leaves between its matches is a piece as well.
///
/// Any bytes are text. A byte that is no part of well-formed UTF-8 is split as if it were U+FFFD (neither
/// letter, number nor space), which is where llama.cpp cuts too; unlike llama.cpp, the byte itself is kept.
/// Threads: split may be called from any thread.
class Pretokenizer {
public:
    /// Errors: Unsupported (no pattern of that name).
    static Result<Pretokenizer> make(const std::string& name);
    /// Errors: Unsupported (no pattern of PCRE2's).
    static Result<Pretokenizer> make(std::span<const std::string> patterns);

    Pretokenizer(Pretokenizer&&) noexcept;
    Pretokenizer& operator=(Pretokenizer&&) noexcept;
    ~Pretokenizer();

    /// Ends of the words in bytes, ascending; the last is text.size(). Empty for empty text.
    /// Errors: Unsupported (PCRE2 gave up at its match limits, which the patterns here never reach).
    /// Cost: O(text).
    Result<std::vector<std::uint32_t>> split(std::string_view text) const;

private:
    struct Pattern;
    explicit Pretokenizer(std::vector<Pattern> patterns);

    std::vector<Pattern> m_patterns;
};

} // namespace headwater
