// SPDX-License-Identifier: Apache-2.0
#include "core/base/mapped_file.h"

#include "core/base/text.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

/// Opens a regular file; O_NONBLOCK keeps a FIFO from hanging us before fstat can refuse it.
Result<std::pair<int, std::size_t>> openRegular(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return systemError(ErrorCode::NotFound, path, "cannot open");
    struct stat status { };
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        const bool directory = S_ISDIR(status.st_mode);
        ::close(fd);
        return Error{ErrorCode::NotFound,
                     directory ? "is a directory, expected a file"
                               : "is not a regular file (a device, pipe or socket)",
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

Result<std::string> readFile(const std::filesystem::path& path, std::size_t maxBytes)
{
    const bool fromStdin = path == "-";
    int raw = STDIN_FILENO;
    if (!fromStdin) {
        HEADWATER_TRY_ASSIGN(const auto opened, openRegular(path));
        raw = opened.first;
    }
    const FileDescriptor fd(raw);
    std::string content;
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
                         fromStdin ? "standard input" : path.string()};
        content.append(buffer, static_cast<std::size_t>(got));
    }
}

} // namespace headwater
