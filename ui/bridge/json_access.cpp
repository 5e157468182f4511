// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/json_access.h"

#include <cmath>

namespace headwater {

const nlohmann::json& jsonMember(const nlohmann::json& object, const char* key)
{
    static const nlohmann::json nothing;
    if (!object.is_object())
        return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

QString jsonText(const nlohmann::json& object, const char* key, const QString& fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_string() ? QString::fromStdString(value.get_ref<const std::string&>()) : fallback;
}

double jsonNumber(const nlohmann::json& object, const char* key, double fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_number() ? value.get<double>() : fallback;
}

qint64 jsonInteger(const nlohmann::json& object, const char* key, qint64 fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    if (value.is_number_integer())
        return value.get<qint64>();
    if (!value.is_number())
        return fallback;
    const double number = value.get<double>();
    return std::abs(number) < 9e15 ? static_cast<qint64>(number) : fallback;
}

bool jsonBool(const nlohmann::json& object, const char* key, bool fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_boolean() ? value.get<bool>() : fallback;
}

} // namespace headwater
