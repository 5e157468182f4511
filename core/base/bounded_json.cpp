// SPDX-License-Identifier: Apache-2.0
#include "core/base/bounded_json.h"

#include <fmt/format.h>

namespace headwater {

Result<nlohmann::json> parseBoundedJson(std::string_view text, const std::string& where,
                                        std::uint64_t maxBytes)
{
    if (text.size() > maxBytes) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("JSON of {} bytes, expected at most {}", text.size(), maxBytes), where};
    }
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMostJsonDepth) {
                return Error{ErrorCode::BadFormat,
                             fmt::format("JSON deeper than {} at byte {}", kMostJsonDepth, i), where};
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::exception& exception) {
        return Error{ErrorCode::BadFormat, exception.what(), where};
    }
}

std::string jsonText(const nlohmann::json& value)
{
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace headwater
