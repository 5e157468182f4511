// SPDX-License-Identifier: Apache-2.0
#include "core/base/data_paths.h"

#include <cstdlib>

namespace headwater {

namespace {

/// The folder that a variable of the XDG base directories names, else one below the home directory.
std::filesystem::path userDirectory(const char* variable, const char* below)
{
    const char* const xdg = std::getenv(variable);
    if (xdg && *xdg == '/')
        return std::filesystem::path(xdg) / "headwater";
    const char* const home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : "/") / below / "headwater";
}

} // namespace

std::filesystem::path userDataDirectory()
{
    return userDirectory("XDG_DATA_HOME", ".local/share");
}

std::filesystem::path userCacheDirectory()
{
    return userDirectory("XDG_CACHE_HOME", ".cache");
}

std::filesystem::path findResource(std::string_view relative)
{
    std::error_code failed;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
    // bin/headwater → share/headwater when installed; build/<preset>/<folder>/program → resources in the
    // tree.
    std::filesystem::path folder = program.parent_path();
    const std::filesystem::path installed = folder.parent_path() / "share/headwater" / relative;
    if (std::filesystem::exists(installed, failed))
        return installed;
    for (int up = 0; up < 6 && folder.has_relative_path(); ++up, folder = folder.parent_path()) {
        const std::filesystem::path candidate = folder / "resources" / relative;
        if (std::filesystem::exists(candidate, failed))
            return candidate;
    }
    return {};
}

} // namespace headwater
