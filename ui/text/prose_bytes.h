// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <string_view>

namespace headwater {

/// One step through the bytes of a prompt: a character to show, or bytes that are shown escaped.
struct ProseStep {
    char32_t character = 0; ///< the code point, or the byte where isEscaped
    std::uint32_t bytes = 1;
    bool isEscaped = false; ///< invalid UTF-8, a control character, or one that turns the writing around
};

/// The step at `at` < bytes.size(). Newline and tab are characters of their own.
ProseStep stepAt(std::string_view bytes, std::size_t at);

/// How an escaped step is written: "\x1b", "\u202e".
QString escapeOf(const ProseStep& step);

} // namespace headwater
