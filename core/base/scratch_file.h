// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace headwater {

/// Memory on a disk, for what is too large for the machine's own and asked only in parts: a mapped file
/// without a name, gone with the process however that ends. Its whole place is taken at once, so that a full
/// disk is told then, not by a signal later. Threads: not thread-safe; what was taken is plain memory.
class ScratchFile : public std::enable_shared_from_this<ScratchFile> {
public:
    /// Errors: Unavailable (the folder is in memory itself: tmpfs), CannotCreate (no such folder and none can
    /// be made, no place: names both). Cost: the file system reserves `bytes`.
    static Result<std::shared_ptr<ScratchFile>> create(const std::filesystem::path& folder,
                                                       std::uint64_t bytes);
    ~ScratchFile();
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    /// The next `bytes`, 64-byte aligned; they keep the file alive. Errors: OutOfMemory (beyond its end).
    Result<std::shared_ptr<std::byte>> take(std::uint64_t bytes);

    static constexpr std::size_t kAlignment = 64;

private:
    ScratchFile(std::byte* memory, std::uint64_t bytes)
        : m_memory(memory)
        , m_bytes(bytes)
    {
    }

    std::byte* m_memory;
    std::uint64_t m_bytes;
    std::uint64_t m_taken = 0;
};

/// What a scratch file in the folder may take: half of what its disk has free; 0 where it would lie in
/// memory. Of a folder that is not there yet, what the nearest one above it says.
std::uint64_t scratchSpace(std::filesystem::path folder);

} // namespace headwater
