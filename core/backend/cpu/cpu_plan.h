// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/plan.h"
#include "core/model/model_config.h"

#include <cstddef>

namespace headwater {

/// What the CPU backend will hold with `threads` threads; residentBytes is left 0. Chunks are 2 048 rows, or
/// half as many again and again, down to 256, while the peak exceeds the budget: the numbers a run gives do
/// not depend on them.
Plan cpuPlan(const ModelConfig& config, const PlanRequest& request, std::size_t threads);

} // namespace headwater
