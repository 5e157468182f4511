// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_format.h"

#include "core/base/text.h"
#include "core/base/utc_time.h"
#include "core/tokenizer/chat_families.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace headwater {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::string_view kAuto = "auto";

std::string familyNames()
{
    std::vector<std::string_view> names;
    for (const ChatFamily& family : chatFamilies())
        names.push_back(family.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Of one turn; more need a format between them.
Result<FormattedPrompt> rawPrompt(const Conversation& conversation)
{
    if (conversation.turns.size() > 1)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} turns without a chat format, expected one: name a family with --chat",
                                 conversation.turns.size()),
                     "chat"};
    if (conversation.thinking != Thinking::Auto)
        return Error{ErrorCode::InvalidArgument, "--thinking without a chat format, expected auto", "chat"};
    ChatText raw;
    raw.say(conversation.turns.front().content);
    return FormattedPrompt{raw.text(), std::string(kOff), raw.said(), Bos::AsTokenizer, {}};
}

} // namespace

Result<FormattedPrompt> formatPrompt(const Model& model, const Conversation& conversation)
{
    HEADWATER_TRY(checkTurns(conversation.turns));
    const std::string& chatTemplate = model.tokenizer.chatTemplate;
    const std::string& chat = conversation.format;
    if (chat == kOff || (chat == kAuto && chatTemplate.empty()))
        return rawPrompt(conversation);
    const auto matches = [&](const ChatFamily& family) {
        return chat == kAuto ? recognises(family, chatTemplate) : chat == family.name;
    };
    const auto families = chatFamilies();
    const auto family = std::ranges::find_if(families, matches);
    if (family == families.end() && chat == kAuto)
        return Error{ErrorCode::Unsupported,
                     fmt::format("a template of no known family ({}): use --chat off, or name a family",
                                 familyNames()),
                     "tokenizer.chat_template"};
    if (family == families.end())
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("\"{}\", expected auto, off or a family ({})", printable(chat.substr(0, 80)),
                                 familyNames()),
                     "chat"};
    // A family that was forced on a model with another template must not take that template's system turn.
    const bool ownTemplate = recognises(*family, chatTemplate);
    const std::string day = conversation.day.empty() ? localDay() : conversation.day;
    ChatSource source{.turns = conversation.turns, .thinking = conversation.thinking, .day = day};
    if (ownTemplate)
        source.chatTemplate = chatTemplate;
    const auto eos = static_cast<std::size_t>(model.tokenizer.eos);
    if (model.tokenizer.eos >= 0 && eos < model.tokenizer.tokens.size())
        source.eos = model.tokenizer.tokens[eos];
    HEADWATER_TRY_ASSIGN(const ChatText written, family->write(source));
    FormattedPrompt prompt{written.text(), std::string(family->name), written.said(), Bos::AsTokenizer,
                           written.namesDay ? day : std::string()};
    if (ownTemplate)
        prompt.bos = chatTemplate.find("bos_token") == std::string::npos ? Bos::Never : Bos::Once;
    return prompt;
}

Result<FormattedPrompt> formatPrompt(const Model& model, std::string_view userText, std::string_view chat)
{
    return formatPrompt(
        model, {.turns = {{ChatTurn::Role::User, std::string(userText)}}, .format = std::string(chat)});
}

TextTokens resolveTextTokens(TextTokens asked, const FormattedPrompt& prompt)
{
    if (asked != TextTokens::Auto)
        return asked;
    return prompt.family == kOff ? TextTokens::Control : TextTokens::Plain;
}

} // namespace headwater
