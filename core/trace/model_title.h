// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headwater {

/// What people call the model of a trace, from its `meta`: the GGUF file's name without shard and
/// quantisation
/// ("SmolLM2-135M-Instruct"), for a GGUF's own name may be its maker's note; else the model's name; empty if
/// it has none.
std::string modelTitleOf(const nlohmann::json& meta);

} // namespace headwater
