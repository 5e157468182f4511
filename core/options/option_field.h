// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/option_row.h"

#include <concepts>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <type_traits>

/// How the fields of RunOptions become values of options and back. A field is left to its option's rule where
/// it is an empty text or name, no value, or a negative float.
namespace headwater::option_field {

inline OptionValue valueOf(bool field)
{
    return field;
}

template <std::unsigned_integral Field>
requires(!std::same_as<Field, bool>) OptionValue valueOf(Field field)
{
    return static_cast<std::uint64_t>(field);
}

/// As the double that is written like it: 0.1f is 0.1, not 0.10000000149.
inline OptionValue valueOf(float field)
{
    return field < 0 ? OptionValue() : OptionValue(std::stod(fmt::format("{}", field)));
}

inline OptionValue valueOf(double field)
{
    return field;
}

inline OptionValue valueOf(const std::vector<std::string>& field)
{
    return field.empty() ? OptionValue() : OptionValue(field);
}

inline OptionValue valueOf(const std::string& field)
{
    return field.empty() ? OptionValue() : OptionValue(field);
}

inline OptionValue valueOf(const std::filesystem::path& field)
{
    return valueOf(field.native());
}

inline OptionValue valueOf(const std::optional<std::string>& field)
{
    return field ? OptionValue(*field) : OptionValue();
}

template <class Field>
requires std::is_enum_v<Field> OptionValue valueOf(Field field)
{
    return std::string(nameOf(field));
}

/// To the option's own rule, where its field has a value for that.
template <class Field> void leave(Field& field)
{
    if constexpr (std::floating_point<Field>)
        field = -1;
    else if constexpr (std::is_class_v<Field>)
        field = Field();
}

template <class Field> void assign(Field& field, const OptionValue& value)
{
    if (std::holds_alternative<std::monostate>(value))
        leave(field);
    else if constexpr (std::same_as<Field, bool>)
        field = std::get<bool>(value);
    else if constexpr (std::unsigned_integral<Field>)
        field = static_cast<Field>(std::get<std::uint64_t>(value));
    else if constexpr (std::floating_point<Field>)
        field = static_cast<Field>(std::get<double>(value));
    else if constexpr (std::same_as<Field, std::vector<std::string>>)
        field = std::get<std::vector<std::string>>(value);
    else if constexpr (std::is_enum_v<Field>) {
        int place = 0;
        for (const OptionChoice& choice : choicesOf(Field{})) {
            if (choice.name == std::get<std::string>(value))
                field = static_cast<Field>(place);
            ++place;
        }
    } else
        field = std::get<std::string>(value);
}

/// `At` is a lambda without captures that names the field: [](auto& o) -> auto& { return o.select.beam; }.
template <class At> OptionValue get(const RunOptions& options)
{
    return valueOf(At{}(options));
}

template <class At> void set(RunOptions& options, const OptionValue& value)
{
    assign(At{}(options), value);
}

} // namespace headwater::option_field
