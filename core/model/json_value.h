// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// One value of a JSON text that came from outside, and the byte where it begins: a complaint about it can
/// say where it stands.
struct JsonValue {
    enum class Kind { Null, Bool, Number, String, Array, Object };

    Kind kind = Kind::Null;
    std::uint64_t offset = 0; ///< in the file
    std::string text; ///< a string as it is meant; a number or a word as it is spelled
    std::vector<std::string> names; ///< of an object's values, each once
    std::vector<JsonValue> values; ///< of an array or object, as they follow

    /// The object's value of that name; null where there is none, or no object. Cost: O(values).
    const JsonValue* find(std::string_view name) const;
    bool isNull() const { return kind == Kind::Null; }
    /// Nothing unless it is one: a number spelled without sign, point and exponent; any number.
    std::optional<std::uint64_t> asUnsigned() const;
    std::optional<double> asDouble() const;
    std::optional<bool> asBool() const;
    /// What a message quotes: "null", "4096", "\"silu\"", "an array", "an object".
    std::string described() const;
};

} // namespace headwater
