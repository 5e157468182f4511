// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_command.h"

#include "core/base/shell_quote.h"
#include "core/options/option_table.h"

#include <fmt/format.h>

namespace headwater {
namespace {

std::string argumentOf(const OptionRow& row, const OptionValue& value)
{
    if (std::holds_alternative<Flag>(row.kind))
        return fmt::format(" --{}", row.name);
    const std::string text = textOf(row, value);
    const auto* const choice = std::get_if<Choice>(&row.kind);
    if (choice != nullptr && choice->isFlags)
        return fmt::format(" --{}", text);
    // Else a text that begins with a dash would be taken for an option.
    if (text.starts_with('-') && text != "-")
        return fmt::format(" --{}={}", row.name, shellQuoted(text));
    const std::string option =
        row.traits.letter != 0 ? fmt::format("-{}", row.traits.letter) : fmt::format("--{}", row.name);
    return fmt::format(" {} {}", option, shellQuoted(text));
}

} // namespace

std::string commandLineOf(OptionVerb verb, const RunOptions& options)
{
    std::string line = verb == GenerateVerb ? "headwater generate" : "headwater run";
    for (const OptionRow& row : optionRows()) {
        if (row.isOf(verb) && !row.traits.isOfProtocol && isSaid(row, options))
            line += argumentOf(row, row.get(options));
    }
    return line;
}

std::string withTextTokens(std::string command, TextTokens asked, TextTokens used)
{
    if (asked == TextTokens::Auto && !command.empty())
        command += fmt::format(" --text-tokens {}", nameOf(used));
    return command;
}

} // namespace headwater
