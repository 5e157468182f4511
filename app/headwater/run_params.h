// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/options/option_row.h"

#include <nlohmann/json_fwd.hpp>

namespace headwater {

/// The RPC's parameters of a method that takes a prompt (`run`, `estimate`), as optionsOfJson() has them, with
/// the prompt read and the command line that asks for the same. Errors: InvalidArgument naming the parameter,
/// those of the prompt's file.
Result<RunOptions> runOptionsFromJson(OptionVerb verb, const nlohmann::json& params);

} // namespace headwater
