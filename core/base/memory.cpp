// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory.h"

#include "core/base/control_group.h"
#include "core/base/text.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <sys/resource.h>

namespace headwater {
namespace {

namespace fs = std::filesystem;

/// The value in bytes of a "Name:   123 kB" line.
std::optional<std::uint64_t> kilobyteField(const fs::path& file, const char* name)
{
    const auto kilobytes = readSystemText(file).numberOf(std::string(name) + ":");
    return kilobytes ? std::optional(*kilobytes * 1024) : std::nullopt;
}

/// Takes `limit` for the bound when it leaves less than what was the least so far.
void narrow(AvailableMemory& memory, std::uint64_t limit, std::uint64_t taken, const std::string& name)
{
    const std::uint64_t left = limit > taken ? limit - taken : 0;
    if (left >= memory.bytes)
        return;
    memory.bytes = left;
    memory.limit = fmt::format("{} is {}", name, humanBytes(limit));
}

/// The names of a group's files.
struct MemoryFiles {
    std::vector<const char*> limits;
    const char* usage;
    /// Page cache counts as used, but the kernel gives it back when memory is asked for. Of the whole
    /// subtree.
    const char* cache[2];
};

const MemoryFiles& memoryFilesOf(const ControlGroup& group)
{
    // Above memory.high nobody is killed, but held back until nearly nothing moves.
    static const MemoryFiles unified{
        {"memory.max", "memory.high"}, "memory.current", {"inactive_file ", "active_file "}};
    static const MemoryFiles first{
        {"memory.limit_in_bytes"}, "memory.usage_in_bytes", {"total_inactive_file ", "total_active_file "}};
    return group.isUnified ? unified : first;
}

/// What a group and those below it hold and would not give back.
std::uint64_t takenIn(const ControlGroup& group, const fs::path& root)
{
    const MemoryFiles& files = memoryFilesOf(group);
    const auto used = numberIn(readSystemText(group.folder / files.usage).text);
    if (!used) // at least what this process holds
        return kilobyteField(root / "proc/self/status", "RssAnon").value_or(0);
    const SystemText statistics = readSystemText(group.folder / "memory.stat");
    std::uint64_t cached = 0;
    for (const char* label : files.cache)
        cached += statistics.numberOf(label).value_or(0);
    return *used - std::min(*used, cached);
}

/// The groups' limits, from this process's own group upwards.
void narrowByGroups(AvailableMemory& memory, const fs::path& root)
{
    // v1's "no limit" is the largest multiple of a page in 63 bits.
    constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;
    bool isOwn = true;
    for (const ControlGroup& group : controlGroupsOf("memory", root)) {
        // A v1 group above that does not count what is below it limits only its own members.
        const bool counts =
            isOwn || group.isUnified || readSystemText(group.folder / "memory.use_hierarchy").text != "0\n";
        isOwn = false;
        if (!counts)
            continue;
        for (const char* name : memoryFilesOf(group).limits) {
            const fs::path file = group.folder / name;
            const SystemText read = readSystemText(file);
            const std::optional<std::uint64_t> limit = numberIn(read.text);
            if (limit && *limit < kNoLimit)
                narrow(memory, *limit, takenIn(group, root), printable(file.string()));
            else if (!limit && read.error != ENOENT && read.text != "max\n")
                memory.unread.push_back(printable(file.string()));
        }
    }
}

/// One of this process's own limits, and the field of its status that counts against it.
void narrowByProcess(AvailableMemory& memory, const fs::path& root)
{
    struct Bound {
        __rlimit_resource resource;
        const char* counted;
        const char* name;
    };
    for (const Bound& bound :
         {Bound{RLIMIT_AS, "VmSize", "ulimit -v"}, Bound{RLIMIT_DATA, "VmData", "ulimit -d"}}) {
        rlimit set{};
        if (::getrlimit(bound.resource, &set) == 0 && set.rlim_cur != RLIM_INFINITY)
            narrow(memory, set.rlim_cur, kilobyteField(root / "proc/self/status", bound.counted).value_or(0),
                   bound.name);
    }
}

} // namespace

std::string AvailableMemory::text() const
{
    return limit.empty() ? fmt::format("{} free", humanBytes(bytes))
                         : fmt::format("{} free ({})", humanBytes(bytes), limit);
}

AvailableMemory availableMemory(const fs::path& root)
{
    AvailableMemory memory(kilobyteField(root / "proc/meminfo", "MemAvailable")
                               .value_or(std::numeric_limits<std::uint64_t>::max()));
    narrowByGroups(memory, root);
    narrowByProcess(memory, root);
    memory.bytes -= memory.bytes / 10;
    return memory;
}

std::uint64_t peakResidentMemory()
{
    return kilobyteField("/proc/self/status", "VmHWM").value_or(0);
}

} // namespace headwater
