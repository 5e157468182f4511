// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_format.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <vector>

namespace headwater {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::string_view kAuto = "auto";

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

/// What stands around the user's text.
struct ChatFrame {
    std::string before;
    std::string after;
};

/// ChatML, with the default system turn of the model's own template when it has one.
Result<ChatFrame> frameOfChatml(std::string_view chatTemplate)
{
    const std::vector<std::string> turns = defaultSystemTurns(chatTemplate);
    if (turns.size() > 1)
        return Error{
            ErrorCode::Unsupported,
            fmt::format("{} different default system turns, expected one: use --chat off", turns.size()),
            "tokenizer.chat_template"};
    return ChatFrame{(turns.empty() ? "" : turns[0]) + "<|im_start|>user\n",
                     "<|im_end|>\n<|im_start|>assistant\n"};
}

struct ChatFamily {
    std::string_view name;
    std::array<std::string_view, 3> marks; ///< all of them stand in the family's templates
    Result<ChatFrame> (*frame)(std::string_view chatTemplate);
};

constexpr std::array kFamilies = {
    ChatFamily{"chatml", {"<|im_start|>", "<|im_end|>", "<|im_start|>assistant"}, frameOfChatml},
};

bool recognises(const ChatFamily& family, std::string_view chatTemplate)
{
    return std::ranges::all_of(family.marks, [chatTemplate](std::string_view mark) {
        return chatTemplate.find(mark) != std::string_view::npos;
    });
}

std::string familyNames()
{
    std::vector<std::string_view> names;
    for (const ChatFamily& family : kFamilies)
        names.push_back(family.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

Result<FormattedPrompt> formatPrompt(const Model& model, std::string_view userText, std::string_view chat)
{
    const std::string& chatTemplate = model.tokenizer.chatTemplate;
    if (chat == kOff || (chat == kAuto && chatTemplate.empty()))
        return FormattedPrompt{std::string(userText), std::string(kOff), {0, userText.size()}};
    const auto matches = [&](const ChatFamily& family) {
        return chat == kAuto ? recognises(family, chatTemplate) : chat == family.name;
    };
    const auto* family = std::ranges::find_if(kFamilies, matches);
    if (family == kFamilies.end() && chat == kAuto)
        return Error{ErrorCode::Unsupported,
                     fmt::format("a template of no known family ({}): use --chat off, or name a family",
                                 familyNames()),
                     "tokenizer.chat_template"};
    if (family == kFamilies.end())
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("\"{}\", expected auto, off or a family ({})", printable(chat.substr(0, 80)),
                                 familyNames()),
                     "chat"};
    // A family that was forced on a model with another template must not take that template's system turn.
    const bool ownTemplate = recognises(*family, chatTemplate);
    HEADWATER_TRY_ASSIGN(ChatFrame frame, family->frame(ownTemplate ? chatTemplate : std::string_view{}));
    FormattedPrompt prompt{std::move(frame.before), std::string(family->name), {}};
    prompt.user.begin = prompt.text.size();
    prompt.text += userText;
    prompt.user.end = prompt.text.size();
    prompt.text += frame.after;
    return prompt;
}

TextTokens resolveTextTokens(TextTokens asked, const FormattedPrompt& prompt)
{
    if (asked != TextTokens::Auto)
        return asked;
    return prompt.family == kOff ? TextTokens::Control : TextTokens::Plain;
}

} // namespace headwater
