// SPDX-License-Identifier: Apache-2.0
#include "core/engine/prompt_text.h"

#include "core/base/file_content.h"
#include "core/base/text.h"
#include "core/base/text_encoding.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>

namespace headwater {
namespace {

std::string lower(std::string name)
{
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name;
}

/// What is odd about bytes that are taken as they are.
std::vector<std::string> notesOn(std::string_view text)
{
    std::vector<std::string> notes;
    std::size_t foreign = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = codePointAt(text.substr(i));
        if (!point.isValid && foreign++ == 0)
            first = i;
        i += point.bytes;
    }
    if (foreign > 0)
        notes.push_back(
            fmt::format("{} of the prompt's bytes are no UTF-8, the first at byte {}: they are taken as "
                        "they are; --encoding windows-1252, or what it is, converts them",
                        foreign, first));
    if (const auto nuls = std::ranges::count(text, '\0'); nuls > 0)
        notes.push_back(fmt::format("{} of the prompt's bytes are NUL", nuls));
    return notes;
}

} // namespace

Result<PromptText> promptText(std::string bytes, const std::string& encoding, const std::string& where)
{
    if (encoding == "bytes")
        return PromptText{std::move(bytes), {}};
    if (encoding != "auto") {
        Result<std::string> text = toUtf8(bytes, encoding);
        if (text)
            return PromptText{std::move(*text), {}};
        const bool isName = text.error().code == ErrorCode::InvalidArgument;
        return Error{text.error().code, text.error().message, isName ? "--encoding" : where};
    }
    const std::optional<EncodingSign> sign = encodingOf(bytes);
    if (sign && !sign->isUtf8)
        return Error{
            ErrorCode::BadFormat,
            fmt::format(
                "is {}, expected UTF-8: --encoding {} converts it, --encoding bytes takes it as it is",
                sign->what, lower(sign->name)),
            where};
    std::vector<std::string> odd = notesOn(bytes);
    const auto content = contentOf(std::string_view(bytes).substr(0, kContentBytes), bytes.size());
    // A text may begin with the letters of a sign: "GIF8" alone makes no picture of it.
    if (content && !content->isText && !odd.empty())
        return Error{ErrorCode::BadFormat,
                     foundContent(content, "a text")
                         + "; --encoding bytes takes its bytes for one all the same",
                     where};
    PromptText prompt{std::move(bytes), {}};
    if (content && content->isStandIn)
        prompt.notes.push_back(fmt::format("the prompt is {}: {}", content->what, content->asModel));
    if (sign)
        prompt.notes.push_back(
            "the prompt begins with a byte-order mark (U+FEFF), which is a token of it; --encoding "
            "utf-8 leaves it out");
    std::ranges::move(odd, std::back_inserter(prompt.notes));
    return prompt;
}

} // namespace headwater
