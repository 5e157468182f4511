// SPDX-License-Identifier: Apache-2.0
#include "core/base/shell_quote.h"

#include "core/base/bidi_text.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <string_view>

namespace headwater {
namespace {

bool isPlainWord(std::string_view argument)
{
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
    // zsh looks for a program of the name that follows a "=" in front.
    return !argument.empty() && !argument.starts_with('=')
        && argument.find_first_not_of(kPlain) == std::string_view::npos;
}

/// Whether a character can stand between quotes: no terminal acts on it, and no line turns round.
bool isQuotable(const CodePoint& point)
{
    const char32_t c = point.character;
    const bool isControl = c < 0x20 || (c >= 0x7F && c < 0xA0) || isBidiControl(c);
    return point.isValid && (!isControl || c == U'\n' || c == U'\t');
}

} // namespace

std::string shellQuoted(const std::string& argument)
{
    if (isPlainWord(argument))
        return argument;
    std::string quoted;
    enum class Within { Nothing, Quotes, Printf } within = Within::Nothing;
    const auto enter = [&](Within next) {
        if (within == next)
            return;
        if (within != Within::Nothing)
            quoted += within == Within::Quotes ? "'" : "')\"";
        if (next != Within::Nothing)
            quoted += next == Within::Quotes ? "'" : "\"$(printf '";
        within = next;
    };
    for (std::string_view rest = argument; !rest.empty();) {
        const CodePoint point = codePointAt(rest);
        const std::string_view bytes = rest.substr(0, point.bytes);
        rest.remove_prefix(point.bytes);
        if (isQuotable(point)) {
            enter(Within::Quotes);
            quoted += bytes == "'" ? "'\\''" : bytes;
            continue;
        }
        for (const char byte : bytes) {
            if (byte == '\0')
                continue;
            enter(Within::Printf);
            quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
        }
    }
    enter(Within::Nothing);
    return quoted.empty() ? "''" : quoted;
}

std::vector<std::string> shellWords(std::string_view line)
{
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c == '\'')
                quoted = false;
            else
                word += c;
        } else if (c == '\'') {
            quoted = begun = true;
        } else if (c == '\\' && i + 1 < line.size()) {
            word += line[++i];
            begun = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (begun)
                words.push_back(std::move(word));
            word.clear();
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun)
        words.push_back(std::move(word));
    return words;
}

} // namespace headwater
