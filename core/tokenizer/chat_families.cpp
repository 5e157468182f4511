// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_families.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <vector>

namespace headwater {
namespace {

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

Error dependsOnMore(std::string_view family, std::string_view what)
{
    return {
        ErrorCode::Unsupported,
        fmt::format("a {} template with {}, expected one that the user's text decides: use --chat off and "
                    "write the turns out",
                    family, what),
        "chat template"};
}

/// The value of the Jinja string literal that begins after the quote at `start`; nothing when it never ends.
std::optional<std::string> literalAt(std::string_view source, std::size_t start)
{
    const char quote = source[start];
    std::string value;
    for (std::size_t i = start + 1; i < source.size(); ++i) {
        if (source[i] == quote)
            return value;
        if (source[i] == '\\' && i + 1 < source.size()) {
            ++i;
            value += source[i] == 'n' ? '\n' : source[i] == 't' ? '\t' : source[i];
        } else {
            value += source[i];
        }
    }
    return std::nullopt;
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
        if (literal && literal->ends_with("<|im_end|>\n")
            && std::ranges::find(turns, *literal) == turns.end())
            turns.push_back(*literal);
    }
    return turns;
}

/// ChatML (Qwen, SmolLM2), with the default system turn of the model's own template when it has one. A model
/// that can think opens its own thoughts.
Result<ChatFrame> frameOfChatml(std::string_view chatTemplate)
{
    for (const std::string_view mark : {"strftime_now", "reasoning_mode"}) {
        if (holds(chatTemplate, mark))
            return dependsOnMore("chatml", "a system turn that names the date or a mode");
    }
    const std::vector<std::string> turns = defaultSystemTurns(chatTemplate);
    if (turns.size() > 1)
        return dependsOnMore("chatml", fmt::format("{} different default system turns", turns.size()));
    return ChatFrame{(turns.empty() ? "" : turns[0]) + "<|im_start|>user\n",
                     "<|im_end|>\n<|im_start|>assistant\n"};
}

/// Gemma 1 to 3.
Result<ChatFrame> frameOfGemma(std::string_view /*chatTemplate*/)
{
    return ChatFrame{"<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n", true};
}

/// Llama 3; from 3.1 on a system turn says until when the model knows the world, and a date: the template's
/// own where nobody gives another.
Result<ChatFrame> frameOfLlama3(std::string_view chatTemplate)
{
    constexpr std::string_view kKnowledge = "Cutting Knowledge Date: December 2023\n";
    constexpr std::string_view kDate = "26 Jul 2024";
    ChatFrame frame{"<|start_header_id|>user<|end_header_id|>\n\n",
                    "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", true};
    if (holds(chatTemplate, kKnowledge.substr(0, kKnowledge.size() - 1))) {
        if (!holds(chatTemplate, kDate))
            return dependsOnMore("llama3", "a date that it takes from the clock");
        frame.before =
            fmt::format("<|start_header_id|>system<|end_header_id|>\n\n{}Today Date: {}\n\n<|eot_id|>{}",
                        kKnowledge, kDate, frame.before);
    }
    return frame;
}

/// Mistral's instruct models up to Nemo, which differ in the spaces inside the marks.
Result<ChatFrame> frameOfMistral(std::string_view chatTemplate)
{
    if (holds(chatTemplate, "[SYSTEM_PROMPT]"))
        return dependsOnMore("mistral", "a system prompt of its own");
    return ChatFrame{holds(chatTemplate, "[INST] ") ? "[INST] " : "[INST]",
                     holds(chatTemplate, " [/INST]") ? " [/INST]" : "[/INST]"};
}

/// DeepSeek-R1 and what was distilled from it; newer templates open the thoughts themselves.
Result<ChatFrame> frameOfDeepseekR1(std::string_view chatTemplate)
{
    ChatFrame frame{"<\uFF5CUser\uFF5C>", "<\uFF5CAssistant\uFF5C>"};
    if (holds(chatTemplate, "<\uFF5CAssistant\uFF5C><think>"))
        frame.after += "<think>\n";
    return frame;
}

constexpr std::array kFamilies = {
    ChatFamily{"chatml", {"<|im_start|>", "<|im_end|>", "<|im_start|>assistant"}, frameOfChatml},
    ChatFamily{"gemma", {"<start_of_turn>", "<end_of_turn>", "<start_of_turn>model"}, frameOfGemma},
    ChatFamily{"llama3", {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}, frameOfLlama3},
    ChatFamily{
        "deepseek-r1", {"<\uFF5CUser\uFF5C>", "<\uFF5CAssistant\uFF5C>", "</think>"}, frameOfDeepseekR1},
    ChatFamily{"mistral", {"[INST]", "[/INST]", "bos_token"}, frameOfMistral},
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

} // namespace headwater
