// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace headwater {

/// Writes the bytes beside `path` and renames: the file appears whole or not at all.
/// Errors: CannotCreate, Io (with the path and the bytes needed).
Result<void> writeWholeFile(const std::filesystem::path& path, std::string_view bytes);

/// Errors: NotFound (absent, unreadable, not a regular file), BadFormat (more than `mostBytes`), Io.
Result<std::string> readWholeFile(const std::filesystem::path& path, std::uintmax_t mostBytes);

} // namespace headwater
