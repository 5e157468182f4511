// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What is read of a template without running it.
inline bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// The value of the Jinja string literal that begins with the quote at `start`, and the place behind it;
/// nothing when it never ends.
struct TemplateLiteral {
    std::string value;
    std::size_t end;
};
std::optional<TemplateLiteral> literalAt(std::string_view source, std::size_t start);

/// Every literal from `start` on, in order. Quotes in the text between Jinja's tags count too: for templates
/// that have none there.
std::vector<std::string> literalsFrom(std::string_view source, std::size_t start);

/// The value of `"…" + today + "…"` from `start` on, to the end of its tag; nothing where it is of anything
/// but literals and `today`.
std::optional<std::string> sumAt(std::string_view source, std::size_t start, std::string_view today);

/// A day of the calendar ("2026-11-30") by a template's strftime_now ("%d %B %Y"); nothing where the day is
/// none or the format is of anything but %d, %m, %b, %B and %Y.
std::optional<std::string> dayAs(std::string_view day, std::string_view format);

/// The format that a template gives to strftime_now; empty where it does not ask for the day.
std::string dayFormatOf(std::string_view chatTemplate);

} // namespace headwater
