// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace headwater::fuzz {

/// A file in memory that has a path.
class MemoryFile {
public:
    explicit MemoryFile(const char* name)
        : m_file(::memfd_create(name, MFD_CLOEXEC))
    {
        if (m_file < 0)
            std::abort();
    }

    /// The file is these bytes, from now on; its cursor is at the first.
    void write(const std::uint8_t* data, std::size_t size) const
    {
        if (::ftruncate(m_file, 0) != 0 || ::pwrite(m_file, data, size, 0) != static_cast<ssize_t>(size)
            || ::lseek(m_file, 0, SEEK_SET) != 0)
            std::abort();
    }
    int descriptor() const { return m_file; }
    std::string path() const { return "/proc/self/fd/" + std::to_string(m_file); }

private:
    int m_file;
};

} // namespace headwater::fuzz
