// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace headwater {

/// A request's parameters by name. Errors: InvalidArgument whose context is the parameter's name.
class JsonParams {
public:
    explicit JsonParams(const nlohmann::json& params)
        : m_params(params)
    {
    }

    /// A whole number from `least` to `most`.
    Result<std::uint32_t> count(const char* name, std::optional<std::uint32_t> absent = {},
                                std::uint32_t least = 0,
                                std::uint32_t most = std::numeric_limits<std::uint32_t>::max()) const;
    Result<std::string> text(const char* name, std::optional<std::string> absent = {}) const;
    Result<bool> flag(const char* name, bool absent) const;

private:
    const nlohmann::json* find(const char* name) const;

    const nlohmann::json& m_params;
};

} // namespace headwater
