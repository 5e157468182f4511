// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"

#include "core/options/option_table.h"

#include <fmt/format.h>

namespace headwater {
namespace {

/// Why a word is none of the option's; empty where it is one.
std::function<std::string(const std::string&)> refusalOf(const OptionRow& row)
{
    return [&row](const std::string& text) {
        const Result<OptionValue> value = valueOfText(row, text);
        return value ? std::string() : value.error().message;
    };
}

/// What is typed, checked and set.
void addRow(CLI::App& place, const OptionRow& row, RunOptions& into)
{
    const std::string name = row.traits.letter != 0 ? fmt::format("-{},--{}", row.traits.letter, row.name)
                                                    : fmt::format("--{}", row.name);
    if (std::holds_alternative<Flag>(row.kind)) {
        place.add_flag_callback(
            name, [&row, &into] { row.set(into, true); }, helpOf(row));
        return;
    }
    const auto* const choice = std::get_if<Choice>(&row.kind);
    if (choice != nullptr && choice->isFlags) {
        CLI::Option* before = nullptr;
        for (const OptionChoice& one : choice->all.subspan(1)) {
            CLI::Option* const flag = place.add_flag_callback(
                fmt::format("--{}", one.name), [&row, &into, &one] { row.set(into, std::string(one.name)); },
                std::string(one.words));
            if (before != nullptr)
                flag->excludes(before);
            before = flag;
        }
        return;
    }
    if (std::holds_alternative<Texts>(row.kind)) {
        CLI::Option* const option = place.add_option(
            name,
            [&row, &into](const std::vector<std::string>& texts) {
                row.set(into, texts);
                return true;
            },
            helpOf(row));
        option->type_name(placeholderOf(row))->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        option->check(refusalOf(row), "");
        return;
    }
    CLI::Option* const option = place.add_option_function<std::string>(
        name,
        [&row, &into](const std::string& text) {
            if (const Result<OptionValue> value = valueOfText(row, text))
                row.set(into, *value);
        },
        helpOf(row));
    option->type_name(placeholderOf(row))->required(row.traits.isRequired);
    option->check(refusalOf(row), "");
    if (const std::string before = textOf(row, row.get(into)); !before.empty())
        option->default_str(before);
}

bool isOfPrompt(const OptionRow& row)
{
    return row.name == "prompt" || row.name == "text" || row.name == "turns";
}

CLI::App* addPromptGroup(CLI::App& verb, RunOptions& into)
{
    CLI::App* const group = verb.add_option_group("prompt", "The prompt: exactly one of these");
    group->require_option(1);
    for (const OptionRow& row : optionRows()) {
        if (isOfPrompt(row))
            addRow(*group, row, into);
    }
    return group;
}

} // namespace

CLI::App* addPromptOptions(CLI::App& verb, RunOptions& into)
{
    CLI::App* const group = addPromptGroup(verb, into);
    addOptions(verb, {"encoding", "system"}, into);
    return group;
}

void addOptions(CLI::App& verb, OptionVerb of, RunOptions& into)
{
    addPromptGroup(verb, into);
    for (const OptionRow& row : optionRows()) {
        if (row.isOf(of) && !row.traits.isOfProtocol && !isOfPrompt(row))
            addRow(verb, row, into);
    }
}

void addOptions(CLI::App& verb, std::initializer_list<std::string_view> names, RunOptions& into)
{
    for (const std::string_view name : names) {
        if (const OptionRow* const row = findOption(name, RunVerb))
            addRow(verb, *row, into);
    }
}

} // namespace headwater
