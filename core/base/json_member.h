// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace headwater {

/// Members of JSON that another program wrote: a missing member or a wrong type gives the fallback, never an
/// exception.

/// The member, or null JSON.
const nlohmann::json& jsonMember(const nlohmann::json& object, const char* key);
std::string jsonString(const nlohmann::json& object, const char* key, const std::string& fallback = {});
double jsonNumber(const nlohmann::json& object, const char* key, double fallback);
std::int64_t jsonInteger(const nlohmann::json& object, const char* key, std::int64_t fallback);
/// 0 for what is no number from 0 to the largest of its type: counts, and numbers of layers, heads and
/// tokens.
std::uint32_t jsonCount(const nlohmann::json& object, const char* key);
int jsonIndex(const nlohmann::json& object, const char* key);
bool jsonBool(const nlohmann::json& object, const char* key, bool fallback);

} // namespace headwater
