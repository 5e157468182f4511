// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>

namespace headwater {

/// A regular file mapped read-only. Errors: NotFound (missing, unreadable, a directory, a FIFO), Io.
/// The file must not shrink while it is mapped (that raises SIGBUS, as for every mapping).
class MappedFile {
public:
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// Lets go of the memory that a part of the bytes takes, in whole pages, until it is read again. What is
    /// not of this file is left alone.
    void letGo(std::span<const std::byte> part) const;

private:
    MappedFile(const std::byte* data, std::size_t size)
        : m_data(data)
        , m_size(size)
    {
    }

    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// The whole of a regular file. Refuses more than `maxBytes`.
Result<std::string> readFile(const std::filesystem::path& path, std::size_t maxBytes);

/// The same of whatever gives bytes until it ends: a pipe ("<(…)"), a device, standard input for "-", and
/// what this process has open for /dev/stdin and /dev/fd/N. Waits for
/// the one who writes, and five seconds for one to come to a FIFO.
Result<std::string> readInput(const std::filesystem::path& path, std::size_t maxBytes);

} // namespace headwater
