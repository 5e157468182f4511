// SPDX-License-Identifier: Apache-2.0
#include "core/model/tokenizer_data.h"

#include <charconv>

namespace headwater {

int byteOfSpelling(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>'))
        return -1;
    unsigned value = 0;
    const char* const end = token.data() + 5;
    const auto parsed = std::from_chars(token.data() + 3, end, value, 16);
    return parsed.ec == std::errc{} && parsed.ptr == end ? static_cast<int>(value) : -1;
}

} // namespace headwater
