// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/option_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace headwater::test {

/// Words that a shell, a JSON writer and an option parser each take amiss when they are careless.
inline std::string randomText(std::mt19937_64& random)
{
    static const std::vector<std::string> kParts{"a",    "-", "--", "'",  "\"",   " ",  "\n",
                                                 "$(x)", "é", "=",  "\\", "日本", "%41"};
    std::string text;
    for (std::size_t parts = 1 + random() % 6; parts > 0; --parts)
        text += kParts[random() % kParts.size()];
    return text;
}

inline OptionValue randomValue(std::mt19937_64& random, const OptionRow& row)
{
    if (std::holds_alternative<Flag>(row.kind))
        return true; // a command line has no word for off
    if (const auto* const choice = std::get_if<Choice>(&row.kind))
        return std::string(choice->all[random() % choice->all.size()].name);
    if (const auto* const count = std::get_if<Count>(&row.kind)) {
        if (!count->zero.empty() && random() % 4 == 0)
            return std::uint64_t{0};
        if (count->isPowerOfTwo) {
            std::uint64_t power = count->least;
            while (power < count->most && random() % 2 == 0)
                power *= 2;
            return power;
        }
        return std::uniform_int_distribution<std::uint64_t>(count->least, count->most)(random);
    }
    if (const auto* const number = std::get_if<Number>(&row.kind)) {
        // In thousandths: a float keeps them as they are written.
        const double share = static_cast<double>(random() % 1001) / 1000;
        return std::stod(fmt::format("{:.3f}", number->least + share * (number->most - number->least)));
    }
    if (std::holds_alternative<Texts>(row.kind)) {
        std::vector<std::string> texts(1 + random() % 3);
        for (std::string& text : texts)
            text = randomText(random);
        return texts;
    }
    if (std::holds_alternative<Turns>(row.kind) && random() % 2 == 0)
        return nlohmann::json::array({{{"role", "user"}, {"content", randomText(random)}}}).dump();
    return randomText(random);
}

inline RunOptions randomOptions(std::mt19937_64& random, OptionVerb verb)
{
    RunOptions options = defaultsOf(verb);
    const std::vector<std::string_view> prompts{"text", "prompt", "turns"};
    const std::string_view prompt = prompts[random() % prompts.size()];
    for (const OptionRow& row : optionRows()) {
        const bool isPrompt = std::ranges::find(prompts, row.name) != prompts.end();
        const bool isSaid = row.name == prompt || row.traits.isRequired || random() % 3 != 0;
        if (row.isOf(verb) && isSaid && (!isPrompt || row.name == prompt)
            && (row.name != "encoding" || prompt == "prompt"))
            row.set(options, randomValue(random, row));
    }
    return options;
}

/// Where two options differ, by name; empty where they do not.
inline std::string differenceOf(OptionVerb verb, const RunOptions& one, const RunOptions& other)
{
    std::string names;
    for (const OptionRow& row : optionRows()) {
        if (row.isOf(verb) && row.get(one) != row.get(other))
            names += fmt::format("{}: '{}' and '{}' ", row.name, textOf(row, row.get(one)),
                                 textOf(row, row.get(other)));
    }
    return names;
}

/// Values just beyond what a row takes, as a command's word and as JSON.
inline std::vector<std::pair<std::string, nlohmann::json>> outsideOf(const OptionRow& row)
{
    std::vector<std::pair<std::string, nlohmann::json>> values;
    if (std::holds_alternative<Choice>(row.kind))
        values.emplace_back("best", "best");
    if (const auto* const count = std::get_if<Count>(&row.kind)) {
        if (count->least > 0 && (count->zero.empty() || count->least > 1))
            values.emplace_back(std::to_string(count->least - 1), count->least - 1);
        if (count->most < std::numeric_limits<std::uint64_t>::max())
            values.emplace_back(std::to_string(count->most + 1), count->most + 1);
        if (count->isPowerOfTwo)
            values.emplace_back("12", 12u);
        values.emplace_back("-1", -1.0);
    }
    if (const auto* const number = std::get_if<Number>(&row.kind)) {
        values.emplace_back(fmt::format("{}", number->least - 0.5), number->least - 0.5);
        values.emplace_back(fmt::format("{}", number->most + 0.5), number->most + 0.5);
    }
    return values;
}

/// The ends of what a row takes.
inline std::vector<OptionValue> endsOf(const OptionRow& row)
{
    if (const auto* const count = std::get_if<Count>(&row.kind))
        return {count->least, count->most};
    if (const auto* const number = std::get_if<Number>(&row.kind))
        return {number->least, number->most};
    return {};
}

} // namespace headwater::test
