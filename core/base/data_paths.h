// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string_view>

namespace headwater {

/// $XDG_DATA_HOME/headwater, or ~/.local/share/headwater: fetched models live in its folder "models".
std::filesystem::path userDataDirectory();

/// $XDG_CACHE_HOME/headwater, or ~/.cache/headwater: what may be taken away at any time.
std::filesystem::path userCacheDirectory();

/// A file of resources/ (samples, fonts): beside the program when installed, in the source tree otherwise.
/// Empty when it is in neither place.
std::filesystem::path findResource(std::string_view relative);

} // namespace headwater
