// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/engine/loaded_model.h"
#include "core/engine/run_report.h"

#include <nlohmann/json_fwd.hpp>

namespace headwater {

/// The trace's `meta` as known before the first layer (keys: docs/trace_format.md).
nlohmann::json runMeta(const LoadedModel& loaded, const EncodedPrompt& prompt, const RunOptions& options,
                       const RunReport& report, const Backend& backend);

} // namespace headwater
