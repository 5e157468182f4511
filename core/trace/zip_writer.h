// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/whole_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A ZIP archive of stored (uncompressed) members with a fixed date, so that equal content makes equal bytes.
/// Source: PKWARE APPNOTE 6.3.4. At most 4 GiB and 65 535 members in all (no ZIP64).
class ZipWriter {
public:
    /// The archive takes its place when it is finished (WholeFile). Errors: CannotCreate.
    static Result<ZipWriter> create(const std::filesystem::path& path);

    /// Appends a member whose content is `head` followed by `body`. Errors: Io, InvalidArgument (too large).
    Result<void> add(std::string_view name, std::string_view head, std::string_view body);
    /// Writes the directory. Errors: Io, CannotCreate.
    Result<void> finish();

private:
    struct Member {
        std::string name;
        std::uint32_t crc = 0;
        std::uint32_t bytes = 0;
        std::uint32_t offset = 0;
    };

    ZipWriter(std::filesystem::path path, WholeFile file)
        : m_path(std::move(path))
        , m_file(std::move(file))
    {
    }
    Result<void> write(std::string_view bytes);

    std::filesystem::path m_path;
    WholeFile m_file;
    std::vector<Member> m_members;
    std::uint64_t m_offset = 0;
};

} // namespace headwater
