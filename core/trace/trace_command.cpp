// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_command.h"

#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// A member of an object; null when there is none, or no object.
nlohmann::json member(const nlohmann::json& object, const char* name)
{
    return object.is_object() ? object.value(name, nlohmann::json()) : nlohmann::json();
}

} // namespace

std::string textTokensOf(const nlohmann::json& meta)
{
    const nlohmann::json prompt = member(meta, "prompt");
    const nlohmann::json said = member(prompt, "text_tokens");
    if (said.is_string())
        return said.get<std::string>();
    return prompt.is_object() ? "control" : "";
}

std::string commandOf(const nlohmann::json& meta)
{
    const nlohmann::json command = member(meta, "command");
    if (!command.is_string())
        return {};
    const bool isOlder = !textTokensOf(meta).empty() && member(meta["prompt"], "text_tokens").is_null();
    return command.get<std::string>() + (isOlder ? " --text-tokens control" : "");
}

} // namespace headwater
