// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/options/option_row.h"

#include <nlohmann/json_fwd.hpp>

namespace headwater {

/// The options that the parameters of the RPC's method say; what is absent has the verb's default. Nothing is
/// read: a prompt's file is named alone. Errors: InvalidArgument whose context is the parameter (an unknown
/// one, another type, a value that is not allowed).
Result<RunOptions> optionsOfJson(OptionVerb verb, const nlohmann::json& params);

/// The parameters that say these options, those at their defaults left out where the engine's rule is theirs.
nlohmann::json jsonOf(OptionVerb verb, const RunOptions& options);

} // namespace headwater
