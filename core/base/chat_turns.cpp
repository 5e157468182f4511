// SPDX-License-Identifier: Apache-2.0
#include "core/base/chat_turns.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {
namespace {

Error badTurns(std::string message)
{
    return {ErrorCode::InvalidArgument, std::move(message), "turns"};
}

std::optional<ChatTurn::Role> roleNamed(std::string_view name)
{
    for (const auto role : {ChatTurn::Role::System, ChatTurn::Role::User, ChatTurn::Role::Assistant}) {
        if (name == nameOf(role))
            return role;
    }
    return std::nullopt;
}

} // namespace

const char* nameOf(ChatTurn::Role role)
{
    switch (role) {
    case ChatTurn::Role::System:
        return "system";
    case ChatTurn::Role::User:
        return "user";
    case ChatTurn::Role::Assistant:
        break;
    }
    return "assistant";
}

Result<std::vector<ChatTurn>> chatTurnsOfJson(std::string_view json)
{
    const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
    if (!list.is_array() || list.empty())
        return badTurns("no list of turns, expected a JSON array of {\"role\": …, \"content\": …}");
    std::vector<ChatTurn> turns;
    for (const nlohmann::json& one : list) {
        const auto text = [&one](const char* key) -> std::optional<std::string> {
            if (!one.is_object() || !one.contains(key) || !one[key].is_string())
                return std::nullopt;
            return one[key].get<std::string>();
        };
        const std::optional<std::string> role = text("role");
        const std::optional<std::string> content = text("content");
        if (!role || !content || one.size() != 2)
            return badTurns(
                fmt::format("turn {}: expected an object of two texts, role and content", turns.size()));
        const auto known = roleNamed(*role);
        if (!known)
            return badTurns(fmt::format("turn {}: role '{}', expected system, user or assistant",
                                        turns.size(), printable(role->substr(0, 40))));
        turns.push_back({*known, *content});
    }
    HEADWATER_TRY(checkTurns(turns));
    return turns;
}

std::string jsonOfChatTurns(std::span<const ChatTurn> turns)
{
    nlohmann::json list = nlohmann::json::array();
    for (const ChatTurn& turn : turns)
        list.push_back({{"role", nameOf(turn.role)}, {"content", turn.content}});
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> checkTurns(std::span<const ChatTurn> turns)
{
    for (std::size_t i = 1; i < turns.size(); ++i) {
        if (turns[i].role == ChatTurn::Role::System)
            return badTurns(fmt::format("turn {} is the system's, which can only be the first", i));
    }
    if (turns.empty() || turns.back().role != ChatTurn::Role::User)
        return badTurns("the last turn is not the user's, whom the model would answer");
    return {};
}

} // namespace headwater
