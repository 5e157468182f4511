// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// The tokens that an option names: "last:N", or "A,B,…", each below `tokens`; `whose` says what these are
/// ("the prompt's tokens"). Errors: InvalidArgument.
Result<std::vector<std::uint32_t>> tokensNamed(const std::string& option, std::string_view spelling,
                                               std::uint32_t tokens, const std::string& whose);

} // namespace headwater
