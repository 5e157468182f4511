// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>
#include <vector>

namespace headwater {

/// A prompt as the model gets it, and what should be said of the file that it came from.
struct PromptText {
    std::string text;
    std::vector<std::string> notes; ///< sentences
};

/// The most bytes of a prompt that are read.
inline constexpr std::size_t kLargestPrompt = std::size_t{64} << 20;

/// `--encoding`. "auto" takes bytes as they are and says what is odd about them (a byte-order mark, bytes
/// that are no UTF-8, NULs); what is plainly no text of that encoding (UTF-16, an image, a model) is refused
/// with what to do. "bytes" takes everything in silence; every other name is an encoding to convert from
/// (toUtf8). Errors: BadFormat, InvalidArgument; `where` is their context.
Result<PromptText> promptText(std::string bytes, const std::string& encoding, const std::string& where);

} // namespace headwater
