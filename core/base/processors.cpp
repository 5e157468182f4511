// SPDX-License-Identifier: Apache-2.0
#include "core/base/processors.h"

#include "core/base/control_group.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sched.h>
#include <thread>
#include <vector>

namespace headwater {
namespace {

/// What the C library counts may leave the mask out: it does in glibc 2.36.
std::size_t processorsOfTheMask()
{
    // The kernel refuses a mask that is smaller than its own.
    for (std::size_t sets = 1; sets <= 64; sets *= 2) {
        std::vector<cpu_set_t> mask(sets);
        const std::size_t bytes = sets * sizeof(cpu_set_t);
        if (::sched_getaffinity(0, bytes, mask.data()) == 0)
            return static_cast<std::size_t>(CPU_COUNT_S(bytes, mask.data()));
        if (errno != EINVAL)
            break;
    }
    return std::thread::hardware_concurrency();
}

/// Processors' worth of time that a group may take, rounded up; none where it has no quota.
std::optional<std::uint64_t> quotaOf(const ControlGroup& group)
{
    std::optional<std::uint64_t> quota;
    std::optional<std::uint64_t> period;
    if (group.isUnified) {
        const std::string text = readSystemText(group.folder / "cpu.max").text; // "200000 100000", "max …"
        const std::size_t space = std::min(text.find(' '), text.size());
        quota = numberIn(text.substr(0, space));
        period = numberIn(text.substr(std::min(space + 1, text.size())));
    } else {
        quota = numberIn(readSystemText(group.folder / "cpu.cfs_quota_us").text); // -1: none
        period = numberIn(readSystemText(group.folder / "cpu.cfs_period_us").text);
    }
    constexpr std::uint64_t kDefaultPeriod = 100'000; // of the kernel
    const std::uint64_t divisor = period && *period > 0 ? *period : kDefaultPeriod;
    if (!quota)
        return std::nullopt;
    return *quota / divisor + (*quota % divisor > 0 ? 1 : 0);
}

} // namespace

std::size_t availableProcessors(const std::filesystem::path& root)
{
    std::uint64_t processors = processorsOfTheMask();
    for (const ControlGroup& group : controlGroupsOf("cpu", root)) {
        if (const auto quota = quotaOf(group))
            processors = std::min(processors, *quota);
    }
    return static_cast<std::size_t>(std::max<std::uint64_t>(processors, 1));
}

std::size_t threadsFor(std::size_t asked)
{
    return asked > 0 ? asked : availableProcessors();
}

} // namespace headwater
