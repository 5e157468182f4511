// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_part.h"

#include "core/trace/trace_format.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace headwater {
namespace {

constexpr int kTries = 16;

Error cannotCreate(const std::filesystem::path& path, std::string message)
{
    return {ErrorCode::CannotCreate, std::move(message), path.string()};
}

/// Takes the lock of an open file. False: it is no longer the file at `path`, its holder has moved it.
Result<bool> lock(int descriptor, const std::filesystem::path& path)
{
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return cannotCreate(path, "another program is creating this trace");
    struct stat opened { };
    struct stat there { };
    if (::fstat(descriptor, &opened) != 0)
        return cannotCreate(path, fmt::format("cannot be created: {}", std::strerror(errno)));
    return ::lstat(path.c_str(), &there) == 0 && there.st_dev == opened.st_dev
        && there.st_ino == opened.st_ino;
}

/// Refuses a file that no run has left.
Result<void> checkLeftOver(int descriptor, const std::filesystem::path& path)
{
    struct stat status { };
    TraceHead head{};
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)
        && (status.st_size == 0
            || (::pread(descriptor, head.data(), head.size(), 0) > 0 && isTraceHead(head))))
        return {};
    return cannotCreate(
        path,
        "is there and is not what a run left of a trace, so it is not replaced; choose another "
        "output or remove it");
}

} // namespace

bool isTraceHead(const TraceHead& head)
{
    // https://www.sqlite.org/fileformat2.html §1.3
    std::uint32_t id = 0;
    for (std::size_t at = 68; at < head.size(); ++at)
        id = id << 8 | static_cast<unsigned char>(head[at]);
    return std::memcmp(head.data(), "SQLite format 3", 16) == 0
        && id == static_cast<std::uint32_t>(kTraceApplicationId);
}

TracePart::TracePart(std::filesystem::path path, int descriptor)
    : m_path(std::move(path))
    , m_descriptor(descriptor)
{
}

TracePart::TracePart(TracePart&& other) noexcept
    : m_path(std::exchange(other.m_path, {}))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

TracePart::~TracePart()
{
    if (m_descriptor < 0)
        return;
    if (!m_path.empty())
        ::unlink(m_path.c_str());
    ::close(m_descriptor);
}

Result<TracePart> TracePart::open(const std::filesystem::path& path)
{
    for (int attempt = 0; attempt < kTries; ++attempt) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return cannotCreate(path, fmt::format("cannot be created: {}", std::strerror(errno)));
        // From here on a failure must not remove the file: it may be another program's.
        Result<bool> isOurs = lock(descriptor, path);
        if (isOurs && *isOurs) {
            if (const auto checked = checkLeftOver(descriptor, path); !checked)
                isOurs = checked.error();
        }
        if (isOurs && *isOurs)
            return TracePart(path, descriptor);
        ::close(descriptor);
        if (!isOurs)
            return isOurs.error();
    }
    return cannotCreate(path, "another program is creating this trace");
}

Result<void> TracePart::write(std::string_view bytes)
{
    const auto failed = [] { return Error{ErrorCode::Io, std::strerror(errno), {}}; };
    if (::ftruncate(m_descriptor, 0) != 0)
        return failed();
    off_t at = 0;
    while (!bytes.empty()) {
        const ssize_t wrote = ::pwrite(m_descriptor, bytes.data(), bytes.size(), at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return failed();
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
        at += wrote;
    }
    if (::fsync(m_descriptor) != 0)
        return failed();
    return {};
}

Result<void> TracePart::moveTo(const std::filesystem::path& target)
{
    // The mode of a file that is replaced stays: what others could not read they cannot read now.
    struct stat old { };
    if (::lstat(target.c_str(), &old) == 0 && S_ISREG(old.st_mode))
        (void)::fchmod(m_descriptor, old.st_mode & 0777);
    if (::rename(m_path.c_str(), target.c_str()) != 0)
        return cannotCreate(target, fmt::format("cannot be created: {}", std::strerror(errno)));
    m_path.clear();
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        (void)::fsync(directory); // not every file system can
        ::close(directory);
    }
    return {};
}

} // namespace headwater
