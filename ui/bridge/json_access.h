// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <nlohmann/json.hpp>
#include <string>

namespace headwater {

/// Members of JSON that another process or a file wrote: a missing member or a wrong type gives the fallback,
/// never an exception.
QString jsonText(const nlohmann::json& object, const char* key, const QString& fallback = {});
double jsonNumber(const nlohmann::json& object, const char* key, double fallback);
qint64 jsonInteger(const nlohmann::json& object, const char* key, qint64 fallback);
bool jsonBool(const nlohmann::json& object, const char* key, bool fallback);
/// The member, or null JSON.
const nlohmann::json& jsonMember(const nlohmann::json& object, const char* key);

} // namespace headwater
