// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace headwater {

/// Bytes this process may still take: the smaller of what the system has available and what its control group
/// leaves, less a tenth. Never rely on bad_alloc: with overcommit the kernel kills instead.
std::uint64_t availableMemory();

/// Largest resident set of this process so far, and the current anonymous resident memory, in bytes.
std::uint64_t peakResidentMemory();
std::uint64_t anonymousResidentMemory();

} // namespace headwater
