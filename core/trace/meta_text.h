// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headwater {

/// The string of a trace's meta at a JSON pointer ("/model/source"); empty where there is none.
std::string metaText(const nlohmann::json& meta, const char* pointer);

} // namespace headwater
