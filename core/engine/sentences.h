// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace headwater {

/// Byte offsets where sentences begin, and the text's length last. A sentence ends at '.', '?' or '!'
/// followed by white space, or at a blank line; pieces shorter than 10 characters join the next one (the last
/// joins the previous); the unterminated end is a sentence too. Source: thought anchors,
/// research/algorithm.md §4.
std::vector<std::uint32_t> sentenceOffsets(std::string_view text);

} // namespace headwater
