// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace headwater {

/// How each trace was last looked at, kept outside the traces, in $XDG_STATE_HOME/headwater/views (or
/// ~/.local/state/headwater/views), one small JSON file a trace. These read and write files: call them in the
/// background.
std::filesystem::path viewFileOf(const std::filesystem::path& trace);
/// Null JSON when there is none, or none that can be read.
nlohmann::json loadView(const std::filesystem::path& trace);
Result<void> saveView(const std::filesystem::path& trace, const nlohmann::json& view);

} // namespace headwater
