// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// The encoding that a text's bytes tell, where it is not plain UTF-8.
struct EncodingSign {
    std::string name; ///< as toUtf8 takes it: "UTF-16LE"
    std::string what; ///< "UTF-16 text, little endian, with a byte-order mark"
    bool isUtf8 = false; ///< UTF-8 behind a byte-order mark: readable as it is
};

/// By a byte-order mark (UTF-8, UTF-16, UTF-32), or, without one, by the zero bytes of UTF-16 that hold
/// characters of other scripts' first blocks. Nothing for UTF-8, for bytes of no meaning, and where it cannot
/// be told: an 8-bit encoding, UTF-16 of Chinese alone without a mark. Cost: O(text).
std::optional<EncodingSign> encodingOf(std::string_view bytes);

/// `bytes` of an encoding that iconv knows by `encoding` ("utf-8", "utf-16le", "windows-1252") as UTF-8,
/// without the byte-order mark. Errors: InvalidArgument (no such encoding), BadFormat (a byte that it does
/// not have, by its offset; an end within a character). Cost: O(text).
Result<std::string> toUtf8(std::string_view bytes, const std::string& encoding);

} // namespace headwater
