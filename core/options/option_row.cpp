// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_row.h"

#include "core/base/file_name.h"
#include "core/base/text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

constexpr std::size_t kShownBytes = 80; ///< of a value that is refused

template <class... Cases> struct Cased : Cases... {
    using Cases::operator()...;
};
template <class... Cases> Cased(Cases...) -> Cased<Cases...>;

Error refused(const OptionRow& row, const std::string& found)
{
    return {ErrorCode::InvalidArgument, fmt::format("{}, expected {}", found, allowedBy(row.kind)),
            fmt::format("--{}", row.name)};
}

std::string quoted(const std::string& text)
{
    return fmt::format("'{}'", printable(text.substr(0, kShownBytes)));
}

bool isIn(const Choice& kind, const OptionValue& value)
{
    const auto* const name = std::get_if<std::string>(&value);
    return name != nullptr && std::ranges::find(kind.all, *name, &OptionChoice::name) != kind.all.end();
}

bool isIn(const Count& kind, const OptionValue& value)
{
    const auto* const count = std::get_if<std::uint64_t>(&value);
    if (count == nullptr)
        return false;
    const bool isInRange = *count >= kind.least && *count <= kind.most;
    return (*count == 0 && !kind.zero.empty())
        || (isInRange && (!kind.isPowerOfTwo || std::has_single_bit(*count)));
}

bool isIn(const Number& kind, const OptionValue& value)
{
    const auto* const number = std::get_if<double>(&value);
    return number != nullptr && *number >= kind.least && *number <= kind.most; // no NaN is
}

bool isIn(Flag, const OptionValue& value)
{
    return std::holds_alternative<bool>(value);
}

bool isIn(Text, const OptionValue& value)
{
    return std::holds_alternative<std::string>(value);
}

bool isIn(Texts, const OptionValue& value)
{
    const auto* const texts = std::get_if<std::vector<std::string>>(&value);
    return texts != nullptr && std::ranges::none_of(*texts, &std::string::empty);
}

bool isIn(FileName, const OptionValue& value)
{
    const auto* const name = std::get_if<std::string>(&value);
    return name != nullptr && !name->empty();
}

bool isIn(Turns, const OptionValue& value)
{
    const auto* const text = std::get_if<std::string>(&value);
    return text != nullptr && !text->empty() && (!isList(*text) || nlohmann::json::accept(*text));
}

/// A whole text as a number; nothing where it is none, or beyond the type.
template <class Value> std::optional<Value> numberIn(const std::string& text)
{
    Value value{};
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

std::optional<OptionValue> switchIn(std::string text)
{
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    for (const char* const on : {"on", "true", "yes", "1"}) {
        if (text == on)
            return true;
    }
    for (const char* const off : {"off", "false", "no", "0"}) {
        if (text == off)
            return false;
    }
    return std::nullopt;
}

} // namespace

std::string allowedBy(const OptionKind& kind)
{
    return std::visit(
        Cased{[](Flag) { return std::string("on or off (true or false)"); },
              [](const Choice& choice) {
                  std::string names;
                  for (const OptionChoice& one : choice.all)
                      names += fmt::format("{}{}", names.empty() ? "one of " : ", ", one.name);
                  return names;
              },
              [](const Count& count) {
                  const std::string range =
                      fmt::format("{}{} to {}", count.isPowerOfTwo ? "a power of two from " : "", count.least,
                                  count.most);
                  if (count.zero.empty())
                      return range;
                  return count.least == 0 ? fmt::format("0 ({}) to {}", count.zero, count.most)
                                          : fmt::format("0 ({}) or {}", count.zero, range);
              },
              [](const Number& number) {
                  return fmt::format("{} from {:g} to {:g}", number.meaning, number.least, number.most);
              },
              [](Text) { return std::string("a text"); },
              [](Texts) { return std::string("a list of texts that are not empty"); },
              [](FileName) { return std::string("the name of a file"); },
              [](Turns) {
                  return std::string(
                      "a JSON list of turns, {\"role\": …, \"content\": …} each, or the name of its file");
              }},
        kind);
}

std::string placeholderOf(const OptionRow& row)
{
    if (!row.traits.placeholder.empty())
        return std::string(row.traits.placeholder);
    if (const auto* const choice = std::get_if<Choice>(&row.kind)) {
        std::string names;
        for (const OptionChoice& one : choice->all)
            names += fmt::format("{}{}", names.empty() ? "" : "|", one.name);
        return names;
    }
    if (std::holds_alternative<Count>(row.kind))
        return "N";
    if (std::holds_alternative<Turns>(row.kind))
        return "FILE|JSON";
    return std::holds_alternative<Number>(row.kind) ? "P" : "STR";
}

std::string helpOf(const OptionRow& row)
{
    const auto* const count = std::get_if<Count>(&row.kind);
    const bool isBounded = count != nullptr && (!count->zero.empty() || count->isPowerOfTwo);
    return isBounded ? fmt::format("{}: {}", row.help, allowedBy(row.kind)) : std::string(row.help);
}

Result<void> check(const OptionRow& row, const OptionValue& value)
{
    const bool isAllowed = std::visit([&value](const auto& kind) { return isIn(kind, value); }, row.kind);
    if (isAllowed)
        return {};
    const bool isText =
        std::holds_alternative<std::string>(value) || std::holds_alternative<std::vector<std::string>>(value);
    const std::string text = textOf(row, value);
    return refused(row, isText ? quoted(text) : text);
}

Result<OptionValue> valueOfText(const OptionRow& row, const std::string& text)
{
    std::optional<OptionValue> value;
    if (std::holds_alternative<Flag>(row.kind)) {
        value = switchIn(text);
    } else if (std::holds_alternative<Count>(row.kind)) {
        if (const auto count = numberIn<std::uint64_t>(text))
            value = *count;
    } else if (std::holds_alternative<Number>(row.kind)) {
        if (const auto number = numberIn<double>(text))
            value = *number;
    } else if (std::holds_alternative<FileName>(row.kind)
               || (std::holds_alternative<Turns>(row.kind) && !isList(text))) {
        const Result<std::filesystem::path> path = pathOfArgument(text);
        if (!path)
            return Error{ErrorCode::InvalidArgument, path.error().text(), fmt::format("--{}", row.name)};
        value = path->native();
    } else if (std::holds_alternative<Texts>(row.kind)) {
        value = std::vector{text};
    } else {
        value = text;
    }
    if (!value) // a number is quoted by nobody: 12x and 7 are refused alike
        return refused(row,
                       std::holds_alternative<Flag>(row.kind) ? quoted(text)
                                                              : printable(text.substr(0, kShownBytes)));
    HEADWATER_TRY(check(row, *value));
    return *value;
}

std::string textOf(const OptionRow& row, const OptionValue& value)
{
    const bool isName = std::holds_alternative<FileName>(row.kind);
    const bool isTurns = std::holds_alternative<Turns>(row.kind);
    return std::visit(Cased{[](std::monostate) { return std::string(); },
                            [](bool on) { return std::string(on ? "on" : "off"); },
                            [](std::uint64_t count) { return std::to_string(count); },
                            [](double number) { return fmt::format("{}", number); },
                            [isName, isTurns](const std::string& text) {
                                return isName || (isTurns && !isList(text)) ? textOfPath(text) : text;
                            },
                            [](const std::vector<std::string>& texts) {
                                return fmt::format("{}", fmt::join(texts, "\n"));
                            }},
                      value);
}

std::vector<std::string> wordsOf(const OptionRow& row, const OptionValue& value)
{
    if (const auto* const texts = std::get_if<std::vector<std::string>>(&value))
        return *texts;
    return {textOf(row, value)};
}

bool isSaid(const OptionRow& row, const RunOptions& options)
{
    const OptionValue value = row.get(options);
    if (std::holds_alternative<std::monostate>(value))
        return false;
    // A file's text is the file's, and only a file has an encoding.
    if ((row.name == "text" && !options.promptFile.empty())
        || (row.name == "encoding" && options.promptFile.empty()))
        return false;
    // A run that goes on is as its trace says, whatever the defaults are.
    return (row.traits.isAlwaysSaid && !options.resume) || value != row.get(RunOptions{});
}

} // namespace headwater
