// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/json_value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headwater {

/// What a text may hold, at most: checked before anything is kept.
struct JsonLimits {
    std::size_t depth = 64;
    std::size_t values = std::size_t{1} << 20; ///< about 120 bytes each
};

/// Reads the JSON text that lies at byte `start` of `file`; blanks before and after it are allowed. Errors:
/// BadFormat (no JSON, invalid UTF-8, a name again in its object, a number beyond float64, more than `limits`
/// allow), each with the byte where its token begins. Cost: O(bytes), heap by values and their text; the
/// stack is bounded by the depth.
Result<JsonValue> readJson(std::string_view text, const std::string& file, std::uint64_t start = 0,
                           JsonLimits limits = {});

} // namespace headwater
