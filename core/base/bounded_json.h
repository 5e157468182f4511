// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace headwater {

/// The most bytes of JSON that are read from a model's file: Gemma 3's vocabulary, the largest met, has 33 MB.
inline constexpr std::uint64_t kMostJsonBytes = std::uint64_t{64} << 20;
/// A deeper tree would overflow the stack when it is written out.
inline constexpr int kMostJsonDepth = 64;

/// JSON from an untrusted file. Errors: BadFormat (longer than maxBytes, deeper than kMostJsonDepth, no JSON:
/// says the byte); `where` is their context.
Result<nlohmann::json> parseBoundedJson(std::string_view text, const std::string& where,
                                        std::uint64_t maxBytes = kMostJsonBytes);

/// Valid JSON text of a value of ours; bytes that are not UTF-8 become U+FFFD.
std::string jsonText(const nlohmann::json& value);

} // namespace headwater
