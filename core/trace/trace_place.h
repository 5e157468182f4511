// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>

namespace headwater {

/// Makes room for a new trace: removes what is left of an old one, its companions included. Errors:
/// CannotCreate (there is a file and not `replace`, it is no trace, another program has it open, or it cannot be
/// removed).
Result<void> clearTracePlace(const std::filesystem::path& path, bool replace);

} // namespace headwater
