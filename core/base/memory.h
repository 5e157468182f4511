// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headwater {

/// Memory that this process may still take.
struct AvailableMemory {
    AvailableMemory() = default;
    /// So many bytes of a machine whose memory is the only limit.
    AvailableMemory(std::uint64_t free)
        : bytes(free)
    {
    }

    std::uint64_t bytes = 0;
    /// Whose limit leaves no more: "/sys/fs/cgroup/job/memory.max is 2.0 GiB". Empty: the machine's memory.
    std::string limit;
    /// Limits that are there and cannot be read: what they allow is not known.
    std::vector<std::string> unread;

    /// "522 MiB free (/sys/fs/cgroup/job/memory.max is 2.0 GiB)".
    std::string text() const;
};

/// The smallest of what the system has available, of what its control group and every group above it leave
/// (v1, v2 or both: the limits and the bound of v2 above which a group is throttled, page cache counted as
/// free), and of what the address space and data limits of the process (ulimit -v, -d) leave; less a tenth.
/// Never rely on bad_alloc: with overcommit the kernel kills instead. `root`: another place than / for /proc
/// and the control groups, in tests. Cost: reads some ten small files.
AvailableMemory availableMemory(const std::filesystem::path& root = "/");

/// Largest resident set of this process so far, in bytes.
std::uint64_t peakResidentMemory();

} // namespace headwater
