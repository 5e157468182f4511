// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/json_params.h"

#include <fmt/format.h>

namespace headwater {
namespace {

Error missing(const char* expected, const char* name)
{
    return {ErrorCode::InvalidArgument, std::string("is missing; expected ") + expected, name};
}

Error wrongType(const char* expected, const nlohmann::json& found, const char* name)
{
    return {ErrorCode::InvalidArgument, std::string("found ") + found.type_name() + ", expected " + expected,
            name};
}

} // namespace

const nlohmann::json* JsonParams::find(const char* name) const
{
    if (!m_params.is_object())
        return nullptr;
    const auto found = m_params.find(name);
    return found == m_params.end() ? nullptr : &*found;
}

Result<std::uint32_t> JsonParams::count(const char* name, std::optional<std::uint32_t> absent,
                                        std::uint32_t least, std::uint32_t most) const
{
    const nlohmann::json* const found = find(name);
    if (!found)
        return absent ? Result<std::uint32_t>(*absent)
                      : Result<std::uint32_t>(missing("a whole number", name));
    if (!found->is_number_unsigned())
        return wrongType("a whole number", *found, name);
    const auto value = found->get<std::uint64_t>();
    if (value < least || value > most)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("found {}, expected {} to {}", value, least, most), name};
    return static_cast<std::uint32_t>(value);
}

Result<std::string> JsonParams::text(const char* name, std::optional<std::string> absent) const
{
    const nlohmann::json* const found = find(name);
    if (!found)
        return absent ? Result<std::string>(*absent) : Result<std::string>(missing("a string", name));
    if (!found->is_string())
        return wrongType("a string", *found, name);
    return found->get<std::string>();
}

Result<bool> JsonParams::flag(const char* name, bool absent) const
{
    const nlohmann::json* const found = find(name);
    if (!found)
        return absent;
    if (!found->is_boolean())
        return wrongType("true or false", *found, name);
    return found->get<bool>();
}

} // namespace headwater
