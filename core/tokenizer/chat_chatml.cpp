// SPDX-License-Identifier: Apache-2.0
// ChatML: Qwen 2 and 3, QwQ, SmolLM 2 and 3.
#include "core/tokenizer/chat_families.h"
#include "core/tokenizer/chat_template.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

using Role = ChatTurn::Role;

constexpr std::string_view kChatml = "chatml";
constexpr std::string_view kTurnEnd = "<|im_end|>\n";
constexpr std::string_view kOpened = "<think>\n";
/// How a model is told that it has thought already.
constexpr std::string_view kNoThoughts = "<think>\n\n</think>\n";

void beginTurn(ChatText& text, std::string_view role)
{
    text.mark(fmt::format("<|im_start|>{}\n", role));
}

/// The whole default system turns that the template spells as literals, without repetitions.
std::vector<std::string> defaultSystemTurns(std::string_view chatTemplate)
{
    constexpr std::string_view kStart = "<|im_start|>system";
    std::vector<std::string> turns;
    for (std::size_t at = chatTemplate.find(kStart); at != std::string_view::npos;
         at = chatTemplate.find(kStart, at + 1)) {
        const bool quoted = at > 0 && (chatTemplate[at - 1] == '\'' || chatTemplate[at - 1] == '"');
        const auto literal = quoted ? literalAt(chatTemplate, at - 1) : std::nullopt;
        if (literal && literal->value.ends_with(kTurnEnd)
            && std::ranges::find(turns, literal->value) == turns.end())
            turns.push_back(literal->value);
    }
    return turns;
}

/// The last turn that asks something: what a tool gave back is a user's turn for Qwen 3, and no question.
std::size_t lastQuestion(std::span<const ChatTurn> turns)
{
    for (std::size_t i = turns.size(); i-- > 0;) {
        const std::string& content = turns[i].content;
        if (turns[i].role == Role::User
            && !(content.starts_with("<tool_response>") && content.ends_with("</tool_response>")))
            return i;
    }
    return turns.size() - 1;
}

/// What Qwen 3's template reads between the first "</think>" and the "<think>" before it.
std::string_view thoughtsOf(std::string_view content)
{
    content = content.substr(0, content.find("</think>"));
    while (content.ends_with('\n'))
        content.remove_suffix(1);
    if (const std::size_t at = content.rfind(kOpened.substr(0, kOpened.size() - 1));
        at != std::string_view::npos)
        content.remove_prefix(at + kOpened.size() - 1);
    return withoutFirstLines(content);
}

/// An answer of the conversation so far, whose thoughts a thinking model's template leaves out.
void sayAnswer(ChatText& text, std::string_view chatTemplate, std::string_view content, bool isBehindQuestion)
{
    const bool isQwen3 = holds(chatTemplate, "last_query_index");
    const bool hasThoughts = holds(content, "</think>");
    const bool dropsThoughts = holds(chatTemplate, "split('</think>')") && (hasThoughts || !isQwen3);
    if (isQwen3 && isBehindQuestion && hasThoughts && !thoughtsOf(content).empty()) {
        text.mark(kOpened);
        text.say(thoughtsOf(content));
        text.mark("\n</think>\n\n");
    }
    text.say(dropsThoughts ? withoutFirstLines(behindThoughts(content)) : content);
}

/// SmolLM 3: a system turn of the day, the mode and instructions; its answers are told apart by the mode.
Result<ChatText> writeSmolLm3(const ChatSource& source)
{
    ChatText text;
    const bool hasSystem = source.turns.front().role == Role::System;
    std::string instructions = hasSystem ? source.turns.front().content : std::string();
    const bool isOff = holds(instructions, "/no_think")
        || (source.thinking == Thinking::Off && !holds(instructions, "/think"));
    instructions = strippedAtEnd(without(without(instructions, "/no_think"), "/think"));
    beginTurn(text, "system");
    if (holds(instructions, "/system_override")) {
        text.say(strippedAtEnd(without(instructions, "/system_override")));
        text.mark(kTurnEnd);
    } else {
        HEADWATER_TRY_ASSIGN(const std::string today, dayFor(kChatml, source));
        text.namesDay = true;
        text.mark(fmt::format(
            "## Metadata\n\nKnowledge Cutoff Date: June 2025\nToday Date: {}\nReasoning Mode: {}\n\n"
            "## Custom Instructions\n\n",
            today, isOff ? "/no_think" : "/think"));
        if (instructions.empty()) {
            // Its own instructions, for thinking and for not thinking, end as no other literal there does.
            std::vector<std::string> own =
                literalsFrom(source.chatTemplate, source.chatTemplate.find("\"## Custom Instructions"));
            std::erase_if(own, [](const std::string& one) {
                return !one.starts_with("You are") || !one.ends_with(".\n\n");
            });
            if (own.size() < 2)
                return dependsOnMore(kChatml, "instructions that are not found");
            text.mark(own[isOff ? 1 : 0]);
        } else {
            text.say(instructions);
            text.mark("\n\n");
        }
    }
    for (const ChatTurn& turn : source.turns.subspan(hasSystem ? 1 : 0)) {
        beginTurn(text, nameOf(turn.role));
        if (turn.role == Role::Assistant && isOff)
            text.mark(kNoThoughts);
        text.say(turn.role == Role::Assistant ? withoutFirstLines(turn.content) : turn.content);
        text.mark(kTurnEnd);
    }
    beginTurn(text, "assistant");
    if (isOff)
        text.mark(kNoThoughts);
    return text;
}

} // namespace

Result<ChatText> writeChatml(const ChatSource& source)
{
    if (holds(source.chatTemplate, "reasoning_mode") && holds(source.chatTemplate, "/system_override"))
        return writeSmolLm3(source);
    for (const std::string_view mark : {"strftime_now", "reasoning_mode"}) {
        if (holds(source.chatTemplate, mark))
            return dependsOnMore(kChatml, "a system turn that names the date or a mode");
    }
    const bool canSwitch = holds(source.chatTemplate, "enable_thinking");
    if (!canSwitch)
        HEADWATER_TRY(withoutSwitch(kChatml, source.thinking));
    const std::vector<std::string> own = defaultSystemTurns(source.chatTemplate);
    ChatText text;
    if (source.turns.front().role != Role::System) {
        if (own.size() > 1)
            return dependsOnMore(kChatml, fmt::format("{} different default system turns", own.size()));
        text.mark(own.empty() ? "" : own[0]);
    }
    const std::size_t question = lastQuestion(source.turns);
    for (std::size_t i = 0; i < source.turns.size(); ++i) {
        const ChatTurn& turn = source.turns[i];
        beginTurn(text, nameOf(turn.role));
        if (turn.role == Role::Assistant)
            sayAnswer(text, source.chatTemplate, turn.content, i > question);
        else
            text.say(turn.content);
        text.mark(kTurnEnd);
    }
    beginTurn(text, "assistant");
    if (holds(source.chatTemplate, "<|im_start|>assistant\\n<think>\\n")) // QwQ opens the thoughts itself
        text.mark(kOpened);
    if (source.thinking == Thinking::Off)
        text.mark(fmt::format("{}\n", kNoThoughts));
    return text;
}

} // namespace headwater
