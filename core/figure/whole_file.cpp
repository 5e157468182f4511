// SPDX-License-Identifier: Apache-2.0
#include "core/figure/whole_file.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace headwater {

Result<void> writeWholeFile(const std::filesystem::path& path, std::string_view bytes)
{
    std::filesystem::path partial = path;
    partial += ".part";
    std::error_code ignored;
    {
        std::ofstream file(partial, std::ios::binary | std::ios::trunc);
        if (!file)
            return Error{ErrorCode::CannotCreate, fmt::format("cannot be created: {}", std::strerror(errno)),
                         path.string()};
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) {
            const std::string why = std::strerror(errno);
            std::filesystem::remove(partial, ignored);
            return Error{ErrorCode::Io, fmt::format("writing {} bytes failed: {}", bytes.size(), why),
                         path.string()};
        }
    }
    std::error_code failed;
    std::filesystem::rename(partial, path, failed);
    if (failed) {
        std::filesystem::remove(partial, ignored);
        return Error{ErrorCode::CannotCreate, fmt::format("cannot be created: {}", failed.message()),
                     path.string()};
    }
    return {};
}

Result<std::string> readWholeFile(const std::filesystem::path& path, std::uintmax_t mostBytes)
{
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return Error{ErrorCode::NotFound, "is not a readable file", path.string()};
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    if (failed || size > mostBytes)
        return Error{ErrorCode::BadFormat, fmt::format("has more than {} bytes", mostBytes), path.string()};
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return Error{ErrorCode::NotFound, fmt::format("cannot be read: {}", std::strerror(errno)),
                     path.string()};
    std::string text(static_cast<std::size_t>(size), '\0');
    if (!file.read(text.data(), static_cast<std::streamsize>(text.size())))
        return Error{ErrorCode::Io, fmt::format("reading {} bytes failed", size), path.string()};
    return text;
}

} // namespace headwater
