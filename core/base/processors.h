// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>

namespace headwater {

/// Processors this process may use, at least 1: those of its affinity mask, and no more than the smallest CPU
/// quota (rounded up) of its control group and the groups above it. `root`: another place than / for /proc
/// and the control groups, in tests. Cost: reads some small files.
std::size_t availableProcessors(const std::filesystem::path& root = "/");

/// How many threads an option stands for: as many as asked, or, for 0, as many as there are processors.
std::size_t threadsFor(std::size_t asked);

} // namespace headwater
