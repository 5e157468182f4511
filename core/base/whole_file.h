// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace headwater {

/// A file that appears whole or not at all: written beside its place, and renamed when it is done. What is
/// there stays until then, also when the disk fills up. A link is followed; a pipe or device is written
/// directly.
class WholeFile {
public:
    /// Errors: CannotCreate (with the system's reason).
    static Result<WholeFile> create(const std::filesystem::path& path);
    WholeFile(WholeFile&& other) noexcept;
    WholeFile& operator=(WholeFile&& other) noexcept;
    /// Removes what was written unless `finish` came first.
    ~WholeFile();

    /// Errors: Io (with the bytes needed and the system's reason).
    Result<void> write(std::string_view bytes);
    /// Puts the file in its place. Errors: Io, CannotCreate.
    Result<void> finish();

private:
    WholeFile(std::filesystem::path path, std::filesystem::path target, std::filesystem::path partial,
              int descriptor);

    std::filesystem::path m_path; ///< as it was given, for errors
    std::filesystem::path m_target;
    std::filesystem::path m_partial; ///< empty: written directly
    int m_descriptor = -1;
};

/// All of a WholeFile at once.
Result<void> writeWholeFile(const std::filesystem::path& path, std::string_view bytes);

} // namespace headwater
