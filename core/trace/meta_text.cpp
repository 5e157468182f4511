// SPDX-License-Identifier: Apache-2.0
#include "core/trace/meta_text.h"

#include <nlohmann/json.hpp>

namespace headwater {

std::string metaText(const nlohmann::json& meta, const char* pointer)
{
    const nlohmann::json::json_pointer at(pointer);
    return meta.contains(at) && meta[at].is_string() ? meta[at].get<std::string>() : std::string();
}

} // namespace headwater
