// SPDX-License-Identifier: Apache-2.0
// Mistral's instruct models up to Nemo, which differ in the spaces inside the marks, and Mistral Small, whose
// system prompt has marks of its own.
#include "core/tokenizer/chat_families.h"
#include "core/tokenizer/chat_template.h"

#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::string_view kMistral = "mistral";

/// What Mistral Small is told where nobody tells it anything: one sum of the template's, in which the day
/// stands.
Result<std::string> ownSystemPrompt(const ChatSource& source, ChatText& text)
{
    constexpr std::string_view kSet = "set default_system_message =";
    const std::size_t at = source.chatTemplate.find(kSet);
    if (at == std::string_view::npos)
        return dependsOnMore(kMistral, "a system prompt that is not found in it: give one with --system");
    HEADWATER_TRY_ASSIGN(const std::string today, dayFor(kMistral, source));
    const std::optional<std::string> sum = sumAt(source.chatTemplate, at + kSet.size(), today);
    if (!sum)
        return dependsOnMore(kMistral, "a system prompt that is computed: give one with --system");
    text.namesDay = true;
    return *sum;
}

/// How the templates write an answer of the conversation so far.
Result<void> sayMistralAnswer(ChatText& text, const ChatSource& source, std::string_view content)
{
    const auto writes = [&source](std::string_view sum) { return holds(source.chatTemplate, sum); };
    const bool isTrimmed = writes("\" \" + message[\"content\"]|trim + eos_token");
    const bool isAfterBlank = isTrimmed || writes("' ' + message['content'] + eos_token");
    if (!isAfterBlank && !writes("message[\"content\"] + eos_token")
        && !writes("message['content'] + eos_token"))
        return dependsOnMore(kMistral, "answers that are written in a way of its own");
    text.mark(isAfterBlank ? " " : "");
    text.say(isTrimmed ? stripped(content) : content);
    text.mark(source.eos);
    return {};
}

} // namespace

Result<ChatText> writeMistral(const ChatSource& source)
{
    HEADWATER_TRY(withoutSwitch(kMistral, source.thinking));
    const bool hasMarks = holds(source.chatTemplate, "[SYSTEM_PROMPT]");
    const bool hasSystem = source.turns.front().role == ChatTurn::Role::System;
    const std::span<const ChatTurn> turns = source.turns.subspan(hasSystem ? 1 : 0);
    HEADWATER_TRY(checkAlternation(kMistral, turns));
    ChatText text;
    if (hasMarks) {
        text.mark("[SYSTEM_PROMPT]");
        if (hasSystem) {
            text.say(source.turns.front().content);
        } else {
            HEADWATER_TRY_ASSIGN(const std::string own, ownSystemPrompt(source, text));
            text.mark(own);
        }
        text.mark("[/SYSTEM_PROMPT]");
    } else if (hasSystem && !holds(source.chatTemplate, "loop.last and system_message")) {
        return dependsOnMore(kMistral, "a place for the system turn that is not known");
    }
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (turns[i].role == ChatTurn::Role::Assistant) {
            HEADWATER_TRY(sayMistralAnswer(text, source, turns[i].content));
            continue;
        }
        text.mark(holds(source.chatTemplate, "[INST] ") ? "[INST] " : "[INST]");
        if (hasSystem && !hasMarks && i + 1 == turns.size()) {
            text.say(source.turns.front().content);
            text.mark("\n\n");
        }
        text.say(turns[i].content);
        text.mark(holds(source.chatTemplate, " [/INST]") ? " [/INST]" : "[/INST]");
    }
    return text;
}

} // namespace headwater
