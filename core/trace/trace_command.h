// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headwater {

/// What control tokens spelt in the prompt were, by a trace's `meta`: "plain" or "control", as every run before
/// --text-tokens took them; empty when it does not tell of a prompt.
std::string textTokensOf(const nlohmann::json& meta);

/// The command line that repeats the run that made a trace, by its `meta`; empty when it does not say. Of a run
/// before --text-tokens it says to this version what that had been.
std::string commandOf(const nlohmann::json& meta);

} // namespace headwater
