// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_json.h"

#include "core/base/file_name.h"
#include "core/options/option_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {
namespace {

/// The value as its own type says, whether or not the option takes such.
std::optional<OptionValue> plainValue(const nlohmann::json& json, bool isNumber)
{
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_string())
        return json.get<std::string>();
    if (json.is_array() && std::ranges::all_of(json, [](const auto& one) { return one.is_string(); }))
        return json.get<std::vector<std::string>>();
    if (json.is_number_unsigned() && !isNumber)
        return json.get<std::uint64_t>();
    if (json.is_number())
        return json.get<double>();
    return std::nullopt;
}

Result<OptionValue> valueOfJson(const OptionRow& row, const nlohmann::json& json)
{
    const bool isTurns = std::holds_alternative<Turns>(row.kind);
    if (isTurns && json.is_array())
        return OptionValue(json.dump());
    const std::optional<OptionValue> plain = plainValue(json, std::holds_alternative<Number>(row.kind));
    if (!plain)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{}, expected {}", json.type_name(), allowedBy(row.kind)), ""};
    const auto* const name = std::get_if<std::string>(&*plain);
    if (name != nullptr && (isTurns || std::holds_alternative<FileName>(row.kind))) {
        const Result<std::filesystem::path> path = pathOfText(*name);
        if (!path)
            return Error{ErrorCode::InvalidArgument, path.error().text(), ""};
        HEADWATER_TRY(check(row, path->native()));
        return OptionValue(path->native());
    }
    HEADWATER_TRY(check(row, *plain));
    return *plain;
}

nlohmann::json jsonOfValue(const OptionRow& row, const OptionValue& value)
{
    if (const auto* const on = std::get_if<bool>(&value))
        return *on;
    if (const auto* const count = std::get_if<std::uint64_t>(&value))
        return *count;
    if (const auto* const number = std::get_if<double>(&value))
        return *number;
    if (const auto* const texts = std::get_if<std::vector<std::string>>(&value))
        return *texts;
    const std::string text = textOf(row, value);
    if (std::holds_alternative<Turns>(row.kind) && isList(text))
        return nlohmann::json::parse(text);
    return text;
}

} // namespace

Result<RunOptions> optionsOfJson(OptionVerb verb, const nlohmann::json& params)
{
    if (!params.is_object())
        return Error{ErrorCode::InvalidArgument, "expected an object", "params"};
    RunOptions options = defaultsOf(verb);
    for (const auto& [name, json] : params.items()) {
        const OptionRow* const row = findParameter(name, verb);
        if (row == nullptr)
            return Error{ErrorCode::InvalidArgument, "no such parameter", name};
        const Result<OptionValue> value = valueOfJson(*row, json);
        if (!value)
            return Error{ErrorCode::InvalidArgument, value.error().message, name};
        row->set(options, *value);
    }
    return options;
}

nlohmann::json jsonOf(OptionVerb verb, const RunOptions& options)
{
    nlohmann::json params = nlohmann::json::object();
    for (const OptionRow& row : optionRows()) {
        if (row.isOf(verb) && isSaid(row, options))
            params[row.parameter] = jsonOfValue(row, row.get(options));
    }
    return params;
}

} // namespace headwater
