// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace headwater {

/// Writes one member of a zip archive (a Python wheel) to a new file. Stored and deflated members without
/// encryption, archives below 4 GiB; the member's length must be `bytes`, so nothing larger is ever written.
/// Errors: NotFound (archive), BadFormat (no such member, another length, damaged), Unsupported (method),
/// CannotCreate, Io. Source: PKWARE APPNOTE 6.3.
Result<void> extractZipMember(const std::filesystem::path& archive, const std::string& member,
                              std::uint64_t bytes, const std::filesystem::path& output);

} // namespace headwater
