// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace headwater {

enum class TextCut { Middle, End };

/// At most `most` characters (Unicode code points) of a text, with "…" where some are missing. It is cut
/// between what a reader takes for letters: never between a letter and its accent. `text`: valid UTF-8. Cost:
/// linear.
std::string shortened(std::string_view text, std::size_t most, TextCut cut);

} // namespace headwater
