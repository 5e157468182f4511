// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <sys/resource.h>

namespace headwater {
namespace {

/// The number behind `label` at the beginning of a line.
std::optional<std::uint64_t> labelledNumber(const char* file, const std::string& label)
{
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with(label))
            return std::strtoull(line.c_str() + label.size(), nullptr, 10);
    }
    return std::nullopt;
}

/// The value in bytes of a "Name:   123 kB" line.
std::optional<std::uint64_t> kilobyteField(const char* file, const std::string& name)
{
    const auto kilobytes = labelledNumber(file, name + ":");
    return kilobytes ? std::optional(*kilobytes * 1024) : std::nullopt;
}

std::optional<std::uint64_t> number(const char* file)
{
    std::ifstream in(file);
    std::uint64_t value = 0;
    if (in >> value)
        return value;
    return std::nullopt; // "max", or no such file
}

} // namespace

std::uint64_t availableMemory()
{
    std::uint64_t available =
        kilobyteField("/proc/meminfo", "MemAvailable").value_or(std::numeric_limits<std::uint64_t>::max());
    const auto limit = number("/sys/fs/cgroup/memory.max");
    const auto used = number("/sys/fs/cgroup/memory.current");
    if (limit && used) {
        // Page cache counts as used, but the kernel gives it back when memory is asked for.
        std::uint64_t cached = 0;
        for (const char* label : {"inactive_file ", "active_file "})
            cached += labelledNumber("/sys/fs/cgroup/memory.stat", label).value_or(0);
        const std::uint64_t taken = *used - std::min(*used, cached);
        available = std::min(available, *limit > taken ? *limit - taken : 0);
    }
    rlimit space{};
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        const std::uint64_t mapped = kilobyteField("/proc/self/status", "VmSize").value_or(0);
        available = std::min<std::uint64_t>(available, space.rlim_cur > mapped ? space.rlim_cur - mapped : 0);
    }
    return available - available / 10;
}

std::uint64_t peakResidentMemory()
{
    return kilobyteField("/proc/self/status", "VmHWM").value_or(0);
}

std::uint64_t anonymousResidentMemory()
{
    return kilobyteField("/proc/self/status", "RssAnon").value_or(0);
}

} // namespace headwater
