// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_format.h"

#include "core/base/text.h"
#include "core/tokenizer/chat_families.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace headwater {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::string_view kAuto = "auto";

/// What Python's strip takes away: White_Space of Unicode, and the four separators of ASCII.
bool isStripped(char32_t c)
{
    constexpr std::u32string_view kSpaces =
        U" \t\n\v\f\r\x1C\x1D\x1E\x1F\x85\u00A0\u1680\u2028\u2029\u202F\u205F\u3000";
    return kSpaces.find(c) != std::u32string_view::npos || (c >= 0x2000 && c <= 0x200A);
}

/// Without white space at its ends, as Jinja's trim has it.
std::string_view trimmed(std::string_view text)
{
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = codePointAt(text.substr(i));
        if (!point.isValid || !isStripped(point.character)) {
            begin = std::min(begin, i);
            end = i + point.bytes;
        }
        i += point.bytes;
    }
    return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

std::string familyNames()
{
    std::vector<std::string_view> names;
    for (const ChatFamily& family : chatFamilies())
        names.push_back(family.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

Result<FormattedPrompt> formatPrompt(const Model& model, std::string_view userText, std::string_view chat)
{
    const std::string& chatTemplate = model.tokenizer.chatTemplate;
    if (chat == kOff || (chat == kAuto && chatTemplate.empty()))
        return FormattedPrompt{
            std::string(userText), std::string(kOff), {0, userText.size()}, Bos::AsTokenizer};
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
    HEADWATER_TRY_ASSIGN(ChatFrame frame, family->frame(ownTemplate ? chatTemplate : std::string_view{}));
    if (frame.trims)
        userText = trimmed(userText);
    FormattedPrompt prompt{std::move(frame.before), std::string(family->name), {}, Bos::AsTokenizer};
    if (ownTemplate)
        prompt.bos = chatTemplate.find("bos_token") == std::string::npos ? Bos::Never : Bos::Once;
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
