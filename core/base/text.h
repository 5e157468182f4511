// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace headwater {

/// One step through UTF-8.
struct CodePoint {
    char32_t character = 0; ///< the byte itself where it begins no well-formed sequence
    std::uint32_t bytes = 1;
    bool isValid = true;
};

/// The code point at the start of `bytes`, which holds one byte at least.
CodePoint codePointAt(std::string_view bytes);

/// `bytes` as text that is safe to print: the bytes of controls (bidirectional ones too) and of invalid UTF-8
/// become \xHH, newlines \n.
std::string printable(std::string_view bytes);

/// True when `bytes` is well-formed UTF-8 (no surrogates, no over-long forms).
bool isUtf8(std::string_view bytes);

/// 1234567 → "1 234 567" with thin spaces (U+2009).
std::string withThousands(std::uint64_t value);

/// "3.2 GiB", "512 MiB", "17 B".
std::string humanBytes(std::uint64_t bytes);

/// "1:03:20", "2:05", "40 s".
std::string humanSeconds(double seconds);

} // namespace headwater
