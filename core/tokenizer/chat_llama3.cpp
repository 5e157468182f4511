// SPDX-License-Identifier: Apache-2.0
// Llama 3 to 3.3.
#include "core/tokenizer/chat_families.h"
#include "core/tokenizer/chat_template.h"

#include <fmt/format.h>

namespace headwater {
namespace {

void sayTurn(ChatText& text, std::string_view role, std::string_view before, std::string_view content)
{
    text.mark(fmt::format("<|start_header_id|>{}<|end_header_id|>\n\n{}", role, before));
    text.say(stripped(content));
    text.mark("<|eot_id|>");
}

} // namespace

/// From 3.1 on a system turn says until when the model knows the world, and a date: the clock's where the
/// template asks for it (3.2), the template's own otherwise.
Result<ChatText> writeLlama3(const ChatSource& source)
{
    constexpr std::string_view kFamily = "llama3";
    constexpr std::string_view kKnowledge = "Cutting Knowledge Date: December 2023\n";
    constexpr std::string_view kDate = "26 Jul 2024";
    HEADWATER_TRY(withoutSwitch(kFamily, source.thinking));
    std::span<const ChatTurn> turns = source.turns;
    ChatText text;
    if (holds(source.chatTemplate, kKnowledge.substr(0, kKnowledge.size() - 1))) {
        std::string date(kDate);
        text.namesDay = holds(source.chatTemplate, "strftime_now");
        if (text.namesDay) {
            HEADWATER_TRY_ASSIGN(date, dayFor(kFamily, source));
        } else if (!holds(source.chatTemplate, kDate)) {
            return dependsOnMore(kFamily, "a date that is given to it");
        }
        const bool hasSystem = turns.front().role == ChatTurn::Role::System;
        sayTurn(text, "system", fmt::format("{}Today Date: {}\n\n", kKnowledge, date),
                hasSystem ? std::string_view(turns.front().content) : std::string_view());
        turns = turns.subspan(hasSystem ? 1 : 0);
    }
    for (const ChatTurn& turn : turns)
        sayTurn(text, nameOf(turn.role), "", turn.content);
    text.mark("<|start_header_id|>assistant<|end_header_id|>\n\n");
    return text;
}

} // namespace headwater
