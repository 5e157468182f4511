// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_command.h"

#include "core/base/json_member.h"

namespace headwater {

std::string textTokensOf(const nlohmann::json& meta)
{
    const nlohmann::json& prompt = jsonMember(meta, "prompt");
    return jsonString(prompt, "text_tokens", prompt.is_object() ? "control" : "");
}

std::string commandOf(const nlohmann::json& meta)
{
    const std::string command = jsonString(meta, "command");
    if (command.empty())
        return {};
    const bool isOlder =
        !textTokensOf(meta).empty() && jsonMember(jsonMember(meta, "prompt"), "text_tokens").is_null();
    return command + (isOlder ? " --text-tokens control" : "");
}

} // namespace headwater
