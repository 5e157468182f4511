// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_member.h"

#include <cmath>
#include <limits>

namespace headwater {

const nlohmann::json& jsonMember(const nlohmann::json& object, const char* key)
{
    static const nlohmann::json kNothing;
    if (!object.is_object())
        return kNothing;
    const auto found = object.find(key);
    return found == object.end() ? kNothing : *found;
}

std::string jsonString(const nlohmann::json& object, const char* key, const std::string& fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_string() ? value.get<std::string>() : fallback;
}

double jsonNumber(const nlohmann::json& object, const char* key, double fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_number() ? value.get<double>() : fallback;
}

std::int64_t jsonInteger(const nlohmann::json& object, const char* key, std::int64_t fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    if (!value.is_number())
        return fallback;
    const double number = value.get<double>();
    return std::abs(number) < 9e15 ? static_cast<std::int64_t>(number) : fallback;
}

std::uint32_t jsonCount(const nlohmann::json& object, const char* key)
{
    const std::int64_t count = jsonInteger(object, key, 0);
    return count >= 0 && count <= std::numeric_limits<std::uint32_t>::max()
        ? static_cast<std::uint32_t>(count)
        : 0;
}

int jsonIndex(const nlohmann::json& object, const char* key)
{
    const std::uint32_t index = jsonCount(object, key);
    return index <= std::uint32_t{std::numeric_limits<int>::max()} ? static_cast<int>(index) : 0;
}

bool jsonBool(const nlohmann::json& object, const char* key, bool fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_boolean() ? value.get<bool>() : fallback;
}

} // namespace headwater
