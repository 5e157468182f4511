// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What somebody says in a conversation.
struct ChatTurn {
    enum class Role { System, User, Assistant };

    Role role = Role::User;
    std::string content;
};

const char* nameOf(ChatTurn::Role role);

/// The turns of a JSON array of {role, content}, as chat templates take them. Errors: InvalidArgument naming
/// the turn (no such array, an unknown role, more keys than those two).
Result<std::vector<ChatTurn>> chatTurnsOfJson(std::string_view json);

/// What chatTurnsOfJson() takes back. Their texts are UTF-8.
std::string jsonOfChatTurns(std::span<const ChatTurn> turns);

/// Whether an assistant can answer: a user speaks last, and a system turn is the first or is not there.
/// Errors: InvalidArgument.
Result<void> checkTurns(std::span<const ChatTurn> turns);

} // namespace headwater
