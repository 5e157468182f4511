// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace headwater {

/// JSON from an untrusted file: at most kMaxMetaBytes long and kMaxMetaDepth deep (a deeper tree would
/// overflow the stack when it is written out). Errors: BadFormat with the byte offset.
Result<nlohmann::json> parseBoundedJson(std::string_view text);

/// Valid JSON text of a value of ours; bytes that are not UTF-8 become U+FFFD.
std::string jsonText(const nlohmann::json& value);

} // namespace headwater
