// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_families.h"

#include "core/tokenizer/chat_template.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::array kFamilies = {
    ChatFamily{"chatml", {"<|im_start|>", "<|im_end|>", "<|im_start|>assistant"}, writeChatml},
    ChatFamily{"gemma", {"<start_of_turn>", "<end_of_turn>", "<start_of_turn>model"}, writeGemma},
    ChatFamily{"llama3", {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}, writeLlama3},
    ChatFamily{"deepseek-r1", {"<\uFF5CUser\uFF5C>", "<\uFF5CAssistant\uFF5C>", "</think>"}, writeDeepseekR1},
    ChatFamily{"mistral", {"[INST]", "[/INST]", "bos_token"}, writeMistral},
};

} // namespace

std::span<const ChatFamily> chatFamilies()
{
    return kFamilies;
}

bool recognises(const ChatFamily& family, std::string_view chatTemplate)
{
    return std::ranges::all_of(family.marks,
                               [chatTemplate](std::string_view mark) { return holds(chatTemplate, mark); });
}

Error dependsOnMore(std::string_view family, std::string_view what)
{
    return {
        ErrorCode::Unsupported,
        fmt::format(
            "a {} template with {}, expected one that the turns decide: use --chat off and write them out",
            family, what),
        "chat template"};
}

Result<void> checkAlternation(std::string_view family, std::span<const ChatTurn> turns)
{
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto expected = i % 2 == 0 ? ChatTurn::Role::User : ChatTurn::Role::Assistant;
        if (turns[i].role != expected)
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("turn {} of a {} conversation is the {}'s, expected the {}'s", i, family,
                                     nameOf(turns[i].role), nameOf(expected)),
                         "turns"};
    }
    return {};
}

Result<void> withoutSwitch(std::string_view family, Thinking thinking)
{
    if (thinking == Thinking::Auto)
        return {};
    return Error{
        ErrorCode::Unsupported,
        fmt::format("a {} template that has no switch for thinking, expected --thinking auto", family),
        "chat template"};
}

Result<std::string> dayFor(std::string_view family, const ChatSource& source)
{
    const std::string format = dayFormatOf(source.chatTemplate);
    if (!dayAs("2000-01-01", format))
        return dependsOnMore(family, fmt::format("a date as '{}'", format));
    const std::optional<std::string> day = dayAs(source.day, format);
    if (!day)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("'{}', expected a day as 2026-11-30", source.day), "--date"};
    return *day;
}

} // namespace headwater
