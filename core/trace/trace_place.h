// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>

namespace headwater {

/// Makes room for a new trace: removes what is left of an old one, its companions included. Errors:
/// CannotCreate (there is no such folder, there is a file and not `replace`, it is no trace, another program
/// has it open, or it cannot be removed).
Result<void> clearTracePlace(const std::filesystem::path& path, bool replace);

/// Refuses to write anything but a trace over one: an export into its own input must not cost the run.
/// Errors: CannotCreate. It closes a descriptor of the file, so a process that reads that trace loses its
/// locks.
Result<void> refuseTracePlace(const std::filesystem::path& path);

} // namespace headwater
