// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_template.h"

#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

std::optional<int> numberIn(std::string_view text)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::size_t behindBlanks(std::string_view source, std::size_t at)
{
    while (at < source.size() && std::isspace(static_cast<unsigned char>(source[at])) != 0)
        ++at;
    return at;
}

} // namespace

std::optional<TemplateLiteral> literalAt(std::string_view source, std::size_t start)
{
    const char quote = source[start];
    std::string value;
    for (std::size_t i = start + 1; i < source.size(); ++i) {
        if (source[i] == quote)
            return TemplateLiteral{std::move(value), i + 1};
        if (source[i] == '\\' && i + 1 < source.size()) {
            ++i;
            value += source[i] == 'n' ? '\n' : source[i] == 't' ? '\t' : source[i];
        } else {
            value += source[i];
        }
    }
    return std::nullopt;
}

std::vector<std::string> literalsFrom(std::string_view source, std::size_t start)
{
    std::vector<std::string> literals;
    for (std::size_t at = source.find_first_of("'\"", start); at != std::string_view::npos;) {
        std::optional<TemplateLiteral> literal = literalAt(source, at);
        if (!literal)
            break;
        at = source.find_first_of("'\"", literal->end);
        literals.push_back(std::move(literal->value));
    }
    return literals;
}

std::optional<std::string> sumAt(std::string_view source, std::size_t start, std::string_view today)
{
    constexpr std::string_view kToday = "today";
    std::string sum;
    for (std::size_t at = behindBlanks(source, start); at < source.size();) {
        if (source[at] == '\'' || source[at] == '"') {
            const std::optional<TemplateLiteral> literal = literalAt(source, at);
            if (!literal)
                return std::nullopt;
            sum += literal->value;
            at = literal->end;
        } else if (source.substr(at).starts_with(kToday)) {
            sum += today;
            at += kToday.size();
        } else {
            return std::nullopt;
        }
        at = behindBlanks(source, at);
        if (source.substr(at).starts_with("%}") || source.substr(at).starts_with("-%}"))
            return sum;
        if (at >= source.size() || (source[at] != '+' && source[at] != '~'))
            return std::nullopt;
        at = behindBlanks(source, at + 1);
    }
    return std::nullopt;
}

std::optional<std::string> dayAs(std::string_view day, std::string_view format)
{
    if (day.size() != 10 || day[4] != '-' || day[7] != '-')
        return std::nullopt;
    const auto year = numberIn(day.substr(0, 4));
    const auto month = numberIn(day.substr(5, 2));
    const auto date = numberIn(day.substr(8, 2));
    if (!year || !month || !date || *month < 1 || *month > 12 || *date < 1 || *date > 31)
        return std::nullopt;
    const std::string_view name = kMonths[static_cast<std::size_t>(*month - 1)];
    std::string text;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            text += format[i];
            continue;
        }
        const char what = ++i < format.size() ? format[i] : '\0';
        if (what == 'd')
            text += day.substr(8, 2);
        else if (what == 'm')
            text += day.substr(5, 2);
        else if (what == 'Y')
            text += day.substr(0, 4);
        else if (what == 'B')
            text += name;
        else if (what == 'b')
            text += name.substr(0, 3);
        else
            return std::nullopt;
    }
    return text;
}

std::string dayFormatOf(std::string_view chatTemplate)
{
    constexpr std::string_view kCall = "strftime_now(";
    const std::size_t at = chatTemplate.find(kCall);
    if (at == std::string_view::npos || at + kCall.size() >= chatTemplate.size())
        return {};
    const std::optional<TemplateLiteral> literal = literalAt(chatTemplate, at + kCall.size());
    return literal ? literal->value : std::string();
}

} // namespace headwater
