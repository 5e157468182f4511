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
    const auto* const choice = std::get_if<Choice>(&row.kind);
    if (choice != nullptr && choice->isFlags)
        return fmt::format(" --{}", textOf(row, value));
    const std::string option =
        row.traits.letter != 0 ? fmt::format("-{}", row.traits.letter) : fmt::format("--{}", row.name);
    std::string arguments;
    for (const std::string& word : wordsOf(row, value)) {
        // Else a text that begins with a dash would be taken for an option.
        const bool isDashed = word.starts_with('-') && word != "-";
        arguments += isDashed ? fmt::format(" --{}={}", row.name, shellQuoted(word))
                              : fmt::format(" {} {}", option, shellQuoted(word));
    }
    return arguments;
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

std::string withWhatWasLeft(std::string command, const RunOptions& asked, TextTokens used,
                            const std::string& day)
{
    if (command.empty())
        return command;
    if (asked.textTokens == TextTokens::Auto)
        command += fmt::format(" --text-tokens {}", nameOf(used));
    if (asked.day.empty() && !day.empty())
        command += fmt::format(" --date {}", day);
    return command;
}

} // namespace headwater
