// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/token_list.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace headwater {

Result<std::vector<std::uint32_t>> tokensNamed(const std::string& option, std::string_view spelling,
                                               std::uint32_t tokens, const std::string& whose)
{
    const Error bad{ErrorCode::InvalidArgument,
                    "'" + std::string(spelling) + "', expected last:N with N from 1 to "
                        + std::to_string(tokens) + " (" + whose + "), or row numbers below that",
                    option};
    const auto number = [](std::string_view text, std::uint32_t& value) {
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    };
    std::vector<std::uint32_t> named;
    if (spelling.starts_with("last:")) {
        std::uint32_t count = 0;
        if (!number(spelling.substr(5), count) || count == 0 || count > tokens)
            return bad;
        named.resize(count);
        std::iota(named.begin(), named.end(), tokens - count);
        return named;
    }
    while (!spelling.empty()) {
        const std::size_t comma = std::min(spelling.find(','), spelling.size());
        std::uint32_t token = 0;
        if (!number(spelling.substr(0, comma), token) || token >= tokens)
            return bad;
        named.push_back(token);
        spelling.remove_prefix(std::min(spelling.size(), comma + 1));
    }
    if (named.empty())
        return bad;
    return named;
}

} // namespace headwater
