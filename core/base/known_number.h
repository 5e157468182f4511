// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <nlohmann/json.hpp>

namespace headwater {

/// A number as JSON has it: unknown ones (NaN) are null.
inline nlohmann::json knownNumber(double value)
{
    if (std::isfinite(value))
        return value;
    return nullptr;
}

/// The shortest decimal that is the same float: 0.412, not 0.41200000047683716.
nlohmann::json knownNumber(float value);

} // namespace headwater
