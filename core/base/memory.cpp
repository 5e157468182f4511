// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace headwater {
namespace {

/// The value in bytes of a "Name:   123 kB" line.
std::optional<std::uint64_t> kilobyteField(const char* file, const std::string& name)
{
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        if (line.rfind(name + ":", 0) == 0)
            return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
    }
    return std::nullopt;
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
    std::uint64_t available = kilobyteField("/proc/meminfo", "MemAvailable").value_or(std::numeric_limits<std::uint64_t>::max());
    const auto limit = number("/sys/fs/cgroup/memory.max");
    const auto used = number("/sys/fs/cgroup/memory.current");
    if (limit && used)
        available = std::min(available, *limit > *used ? *limit - *used : 0);
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
