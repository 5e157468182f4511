// SPDX-License-Identifier: Apache-2.0
#include "core/base/scratch_file.h"

#include "core/base/text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>

namespace headwater {
namespace {

constexpr const char* kRemedy = "free some, or name another folder in XDG_CACHE_HOME";

/// A descriptor that is closed with its owner.
class OpenFile {
public:
    explicit OpenFile(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    OpenFile(OpenFile&& other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
    {
    }
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

Error failure(ErrorCode code, const std::string& what, const std::filesystem::path& folder)
{
    return Error{code, what, folder.string()};
}

/// A file that no folder names: where the file system knows none, one whose name is taken away at once.
Result<OpenFile> unnamedFile(const std::filesystem::path& folder)
{
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        std::string name = folder / "scratch-XXXXXX";
        descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (descriptor >= 0)
            ::unlink(name.c_str());
    }
    if (descriptor < 0)
        return failure(ErrorCode::CannotCreate,
                       fmt::format("a scratch file cannot be made: {}", std::strerror(errno)), folder);
    return OpenFile(descriptor);
}

/// An errno; 0: all of it is there.
int reserve(int descriptor, std::uint64_t bytes)
{
    constexpr std::uint64_t kStep = std::uint64_t{256} << 20; // a signal may interrupt each
    for (std::uint64_t at = 0; at < bytes; at += kStep) {
        int error = EINTR;
        while (error == EINTR)
            error = ::posix_fallocate(descriptor, static_cast<off_t>(at),
                                      static_cast<off_t>(std::min(kStep, bytes - at)));
        if (error != 0)
            return error;
    }
    return 0;
}

/// True where writing to the folder takes the memory that it is to spare.
bool isInMemory(const std::filesystem::path& folder)
{
    struct statfs system = {};
    if (::statfs(folder.c_str(), &system) != 0)
        return true; // nothing says that it is a disk
    const auto type = static_cast<unsigned long>(system.f_type);
    return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

/// Of the folder's disk, for a user without privileges; 0 where that cannot be asked.
std::uint64_t freeBytes(const std::filesystem::path& folder)
{
    struct statvfs disk = {};
    return ::statvfs(folder.c_str(), &disk) == 0 ? std::uint64_t{disk.f_bavail} * disk.f_frsize : 0;
}

} // namespace

Result<std::shared_ptr<ScratchFile>> ScratchFile::create(const std::filesystem::path& folder,
                                                         std::uint64_t bytes)
{
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return failure(ErrorCode::CannotCreate,
                       fmt::format("the folder of scratch files cannot be made: {}", failed.message()),
                       folder);
    if (isInMemory(folder))
        return failure(ErrorCode::Unavailable,
                       "a scratch file here would lie in memory (tmpfs); name a folder on a disk in "
                       "XDG_CACHE_HOME",
                       folder);
    // Asked first: a file system may hand out all that it has before it says that it has no more.
    if (const std::uint64_t free = freeBytes(folder); free < bytes)
        return failure(ErrorCode::CannotCreate,
                       fmt::format("a scratch file of {} has no place: {} are free; {}", humanBytes(bytes),
                                   humanBytes(free), kRemedy),
                       folder);
    HEADWATER_TRY_ASSIGN(const OpenFile file, unnamedFile(folder));
    if (const int error = reserve(file.get(), bytes); error != 0)
        return failure(ErrorCode::CannotCreate,
                       fmt::format("a scratch file of {} has no place: {}; {}", humanBytes(bytes),
                                   std::strerror(error), kRemedy),
                       folder);
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        return failure(
            ErrorCode::OutOfMemory,
            fmt::format("a scratch file of {} cannot be mapped: {}", humanBytes(bytes), std::strerror(errno)),
            folder);
    return std::shared_ptr<ScratchFile>(new ScratchFile(static_cast<std::byte*>(memory), bytes));
}

ScratchFile::~ScratchFile()
{
    ::munmap(m_memory, m_bytes);
}

Result<std::shared_ptr<std::byte>> ScratchFile::take(std::uint64_t bytes)
{
    if (bytes > m_bytes - m_taken)
        return Error{ErrorCode::OutOfMemory,
                     fmt::format("{} of {} are left, {} were asked for", humanBytes(m_bytes - m_taken),
                                 humanBytes(m_bytes), humanBytes(bytes)),
                     "scratch file"};
    std::byte* const begin = m_memory + m_taken;
    m_taken = std::min(m_bytes, (m_taken + bytes + kAlignment - 1) / kAlignment * kAlignment);
    return std::shared_ptr<std::byte>(shared_from_this(), begin);
}

std::uint64_t scratchSpace(std::filesystem::path folder)
{
    std::error_code ignored;
    while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path())
        folder = folder.parent_path();
    return isInMemory(folder) ? 0 : freeBytes(folder) / 2;
}

} // namespace headwater
