// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace headwater {

/// One argument as a POSIX shell takes it back: plain words as they are, everything else in single quotes.
std::string shellQuoted(const std::string& argument);

} // namespace headwater
