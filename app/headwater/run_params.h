// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/engine/run_options.h"

#include <nlohmann/json_fwd.hpp>

namespace headwater {

/// The RPC's `run` and `estimate` parameters: the long options of `headwater run` in snake_case. Unknown
/// names, wrong types and values out of range are InvalidArgument naming the parameter.
Result<RunOptions> runOptionsFromJson(const nlohmann::json& params);

} // namespace headwater
