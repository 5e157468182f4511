// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/parallel/progress.h"

#include <nlohmann/json.hpp>

namespace headwater {

/// Progress as the engine protocol writes it (docs/engine_protocol.md, `progress`).
nlohmann::json progressJson(const Progress& progress);

} // namespace headwater
