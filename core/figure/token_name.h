// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <string>

namespace headwater {

/// A token's text, short and visible. Neighbours on an axis are told apart (the window's words leave out what
/// tells "the" from " the"): spaces at its ends show as "␣", controls as \xHH; "#17" where it has no bytes.
std::string tokenName(const Trace& trace, std::uint32_t token);

} // namespace headwater
