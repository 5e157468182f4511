// SPDX-License-Identifier: Apache-2.0
#include "core/base/mapped_file.h"

#include "core/base/text.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace headwater {
namespace {

class FileDescriptor {
public:
    explicit FileDescriptor(int fd)
        : m_fd(fd)
    {
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor()
    {
        if (m_fd > STDERR_FILENO)
            ::close(m_fd);
    }
    int get() const { return m_fd; }

private:
    int m_fd;
};

Error systemError(ErrorCode code, const std::filesystem::path& path, const char* what)
{
    return {code, fmt::format("{}: {}", what, std::strerror(errno)), path.string()};
}

/// Why a file could not be opened, by errno.
Error cannotOpen(const std::filesystem::path& path)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return {ErrorCode::NotFound, "no such file: check its name", path.string()};
    if (errno == EACCES)
        return systemError(ErrorCode::NotFound, path, "check its permissions: cannot open");
    return systemError(ErrorCode::NotFound, path, "cannot open");
}

/// Opens a regular file; O_NONBLOCK keeps a FIFO from hanging us before fstat can refuse it.
Result<std::pair<int, std::size_t>> openRegular(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannotOpen(path);
    struct stat status { };
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        const bool directory = S_ISDIR(status.st_mode);
        ::close(fd);
        return Error{ErrorCode::NotFound,
                     directory ? "is a directory, expected a file"
                               : "is not a regular file (a device, pipe or socket): copy it to one first",
                     path.string()};
    }
    return std::pair{fd, static_cast<std::size_t>(status.st_size)};
}

} // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const auto opened, openRegular(path));
    const FileDescriptor fd(opened.first);
    const std::size_t size = opened.second;
    if (size == 0)
        return MappedFile(nullptr, 0);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED)
        return systemError(ErrorCode::Io, path, "cannot map");
    return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

MappedFile::~MappedFile()
{
    if (m_data)
        ::munmap(const_cast<std::byte*>(m_data), m_size);
}

void MappedFile::letGo(std::span<const std::byte> part) const
{
    if (std::less<>()(part.data(), m_data) || std::less<>()(m_data + m_size, part.data() + part.size()))
        return;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t begin = (static_cast<std::size_t>(part.data() - m_data) + page - 1) / page * page;
    const std::size_t end = static_cast<std::size_t>(part.data() + part.size() - m_data) / page * page;
    if (begin < end) // a request, which the kernel may refuse
        ::madvise(const_cast<std::byte*>(m_data) + begin, end - begin, MADV_DONTNEED);
}

namespace {

/// `content`: what was read before.
Result<std::string> readAll(const FileDescriptor& fd, const std::filesystem::path& path, std::size_t maxBytes,
                            std::string content = {})
{
    char buffer[1 << 16];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return systemError(ErrorCode::Io, path, "cannot read");
        if (got == 0)
            return content;
        if (content.size() + static_cast<std::size_t>(got) > maxBytes)
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("is larger than the limit of {}", humanBytes(maxBytes)),
                         path == "-" ? "standard input" : path.string()};
        content.append(buffer, static_cast<std::size_t>(got));
    }
}

/// The descriptor that a path names as this process's own; -1 for every other path. Opening such a path again
/// fails for a socket, and begins a file anew of which some is read.
int ownDescriptor(const std::filesystem::path& path)
{
    if (path == "-" || path == "/dev/stdin")
        return STDIN_FILENO;
    const std::string name = path.filename().string();
    const std::filesystem::path folder = path.parent_path();
    const bool isOwn = folder == "/dev/fd" || folder == "/proc/self/fd";
    if (!isOwn || name.empty() || name.size() > 6
        || name.find_first_not_of("0123456789") != std::string::npos)
        return -1;
    return std::stoi(name);
}

/// Waits for the writer of a FIFO that was opened with O_NONBLOCK; gives what has come meanwhile. As long as
/// there is no writer, reading ends at once; with one that has written nothing yet it would block. One that
/// comes and goes without a byte counts as none.
Result<std::string> awaitWriter(const FileDescriptor& fd, const std::filesystem::path& path)
{
    constexpr std::chrono::seconds kPatience{5};
    constexpr std::chrono::milliseconds kLookInterval{20};
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        char buffer[1 << 12];
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got > 0)
            return std::string(buffer, static_cast<std::size_t>(got));
        if (got < 0 && errno == EAGAIN)
            return std::string();
        if (got < 0 && errno != EINTR)
            return systemError(ErrorCode::Io, path, "cannot read");
        if (std::chrono::steady_clock::now() - begin > kPatience)
            return Error{ErrorCode::NotFound, "is a FIFO that nobody writes to: start its writer first",
                         path.string()};
        std::this_thread::sleep_for(kLookInterval);
    }
}

} // namespace

Result<std::string> readFile(const std::filesystem::path& path, std::size_t maxBytes)
{
    HEADWATER_TRY_ASSIGN(const auto opened, openRegular(path));
    return readAll(FileDescriptor(opened.first), path, maxBytes);
}

Result<std::string> readInput(const std::filesystem::path& path, std::size_t maxBytes)
{
    const int own = ownDescriptor(path);
    const int fd = own >= 0 ? ::fcntl(own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return cannotOpen(path);
    const FileDescriptor owned(fd);
    struct stat status { };
    if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))
        return Error{ErrorCode::NotFound, "is a directory, expected a file", path.string()};
    if (own >= 0)
        return readAll(owned, path, maxBytes);
    std::string begun;
    if (S_ISFIFO(status.st_mode)) {
        HEADWATER_TRY_ASSIGN(begun, awaitWriter(owned, path));
    }
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return readAll(owned, path, maxBytes, std::move(begun));
}

} // namespace headwater
