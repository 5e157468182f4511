// SPDX-License-Identifier: Apache-2.0
#include "core/model/json_value.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace headwater {
namespace {

template <class Number> std::optional<Number> numberOf(const JsonValue& value)
{
    Number number{};
    const char* const end = value.text.data() + value.text.size();
    const auto [stopped, failed] = std::from_chars(value.text.data(), end, number);
    if (value.kind != JsonValue::Kind::Number || failed != std::errc() || stopped != end)
        return std::nullopt;
    return number;
}

} // namespace

const JsonValue* JsonValue::find(std::string_view name) const
{
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? nullptr : &values[static_cast<std::size_t>(found - names.begin())];
}

std::optional<std::uint64_t> JsonValue::asUnsigned() const
{
    return numberOf<std::uint64_t>(*this);
}

std::optional<double> JsonValue::asDouble() const
{
    return numberOf<double>(*this);
}

std::optional<bool> JsonValue::asBool() const
{
    return kind == Kind::Bool ? std::optional(text == "true") : std::nullopt;
}

std::string JsonValue::described() const
{
    switch (kind) {
    case Kind::String:
        return fmt::format("\"{}\"", printable(std::string_view(text).substr(0, 80)));
    case Kind::Array:
        return "an array";
    case Kind::Object:
        return "an object";
    default:
        return text.substr(0, 80);
    }
}

} // namespace headwater
