// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <string>

namespace headwater {

/// What answers a request: a result, with numbers that travel beside its JSON, or an error, with what else
/// there is to say of it.
struct EngineAnswer {
    EngineAnswer(Result<nlohmann::json> value)
        : result(std::move(value))
    {
    }
    EngineAnswer(Error error)
        : result(std::move(error))
    {
    }

    Result<nlohmann::json> result;
    std::string attachment; ///< little-endian, as the method documents; empty for most
    nlohmann::json more = nlohmann::json::object(); ///< joins the error's data
};

} // namespace headwater
