// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A control group that this process is in: its own, or one above it.
struct ControlGroup {
    std::filesystem::path folder; ///< where its files are
    bool isUnified = false; ///< its files are cgroup v2's; else v1's
};

/// The groups that may limit this process by `controller` ("memory", "cpu"), its own first, up to the topmost
/// that can be seen from here; of cgroup v1, v2 or, in the hybrid layout, both. They are found through
/// /proc/self/cgroup and /proc/self/mountinfo, all below `root` (another one than / in tests). Where a
/// container or a cgroup namespace hides the path, the group that lists this process stands for it, or else
/// the mount's top. Empty without control groups. Cost: reads two files; a walk over the groups where the
/// path is hidden.
std::vector<ControlGroup> controlGroupsOf(std::string_view controller,
                                          const std::filesystem::path& root = "/");

/// What a small file of /proc or of a control group holds.
struct SystemText {
    std::string text;
    int error = 0; ///< errno: ENOENT where there is no such file

    bool isThere() const;
    /// The number behind `label` at the beginning of a line; none where there is no such line.
    std::optional<std::uint64_t> numberOf(std::string_view label) const;
};
SystemText readSystemText(const std::filesystem::path& path);

/// The unsigned number that `text` begins with, with nothing behind it but white space.
std::optional<std::uint64_t> numberIn(std::string_view text);

} // namespace headwater
