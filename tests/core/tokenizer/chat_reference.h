// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/mapped_file.h"
#include "core/tokenizer/chat_format.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

/// The conversations of tests/data/reference/chats.json and the templates that wrote them.
namespace headwater::test {

/// Templates whose licences keep them from this repository, and others that are long: what their families are
/// told by.
inline const std::map<std::string, std::string> kSkeletons = {
    {"QwQ",
     R"({{- '<|im_start|>' + role }}{{ content.split('</think>')[-1] }}{{ '<|im_end|>' }})"
     R"({{- '<|im_start|>assistant\n<think>\n' }})"},
    {"SmolLM3",
     R"({% set enable_thinking, reasoning_mode %}{{- "<|im_start|>system\n" }}{{ "/system_override" }})"
     R"({%- set today = strftime_now("%d %B %Y") -%}{{- "## Custom Instructions\n\n" -}}{{- custom + "\n\n" -}})"
     R"({%- elif reasoning_mode == "/think" -%}{{- "THINK" -}}{%- else -%}{{- "QUICK" -}}{{ "<|im_end|>" }})"
     R"({{ "<|im_start|>assistant\n" }})"},
    {"Mistral Small",
     R"({%- set today = strftime_now("%Y-%m-%d") %}{%- set default_system_message = "OWN" %}{{- bos_token }})"
     R"({{ '[SYSTEM_PROMPT]' + system + '[/SYSTEM_PROMPT]' }}{{ '[INST]' + message['content'] + '[/INST]' }})"
     R"({{ message['content'] + eos_token }})"},
    {"Gemma 2",
     "{{ bos_token }}{{ raise_exception('System role not supported') }}{{ '<start_of_turn>' + role }}{{ "
     "'<end_of_turn>' }}{{ '<start_of_turn>model' }}"},
    {"Gemma 3",
     "{{ bos_token }}{% set first_user_prefix %}{{ '<start_of_turn>' + role }}{{ '<end_of_turn>' }}{{ "
     "'<start_of_turn>model' }}"},
    {"Llama 3.1",
     "{{ bos_token }}{{ '<|start_header_id|>system<|end_header_id|>' }}{{ 'Cutting Knowledge Date: December "
     "2023' "
     "}}{{ '<|eot_id|>' }}{% set date = '26 Jul 2024' %}"},
    {"Llama 3.2",
     "{{ bos_token }}{{ '<|start_header_id|>system<|end_header_id|>' }}{{ 'Cutting Knowledge Date: December "
     "2023' "
     "}}{{ '<|eot_id|>' }}{% set date = strftime_now('%d %b %Y') or '26 Jul 2024' %}"},
};

/// As a literal between double quotes has it.
inline std::string escaped(std::string text)
{
    for (std::size_t at = 0; (at = text.find_first_of("\n\"\\", at)) != std::string::npos; at += 2)
        text.replace(at, 1, text[at] == '\n' ? "\\n" : text[at] == '"' ? "\\\"" : "\\\\");
    return text;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by)
{
    return text.replace(text.find(what), what.size(), by);
}

/// What stands between the first `begin` and the `end` behind it.
inline std::string between(const std::string& text, const std::string& begin, const std::string& end)
{
    const std::size_t at = text.find(begin) + begin.size();
    return text.substr(at, text.find(end, at) - at);
}

/// The template of an entry: kept beside its texts, or the skeleton with what the template says of its own.
inline std::string templateOf(const nlohmann::json& entry)
{
    const auto kept = entry["template"].get<std::string>();
    if (!kept.empty())
        return kept;
    const auto name = entry["name"].get<std::string>();
    std::string skeleton = kSkeletons.at(name);
    const auto firstOf = [&entry](const char* thinking) {
        for (const nlohmann::json& chat : entry["chats"]) {
            if (chat["thinking"] == thinking)
                return chat["text"].get<std::string>();
        }
        return std::string();
    };
    if (name == "SmolLM3") {
        for (const auto& [word, thinking] : {std::pair{"THINK", "auto"}, std::pair{"QUICK", "off"}})
            skeleton = replaced(
                skeleton, word,
                escaped(between(firstOf(thinking), "## Custom Instructions\n\n", "<|im_start|>user")));
    }
    if (name == "Mistral Small")
        skeleton = replaced(skeleton, "OWN",
                            replaced(escaped(between(firstOf("auto"), "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]")),
                                     "2026-11-30", "\" + today + \""));
    return skeleton;
}

inline Conversation conversationIn(const nlohmann::json& chat)
{
    Conversation conversation{.turns = chatTurnsOfJson(chat["turns"].dump()).value(), .day = "2026-11-30"};
    if (chat["thinking"] != "auto")
        conversation.thinking = chat["thinking"] == "on" ? Thinking::On : Thinking::Off;
    return conversation;
}

inline nlohmann::json readChats(const std::string& name)
{
    const auto file = readFile(HEADWATER_SOURCE_DIR "/tests/data/reference/" + name, 1 << 20);
    return file ? nlohmann::json::parse(*file) : nlohmann::json::array();
}

} // namespace headwater::test
