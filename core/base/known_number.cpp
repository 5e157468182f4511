// SPDX-License-Identifier: Apache-2.0
#include "core/base/known_number.h"

#include <array>
#include <charconv>

namespace headwater {

nlohmann::json knownNumber(float value)
{
    if (!std::isfinite(value))
        return nullptr;
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    double shortest = 0;
    std::from_chars(digits.data(), written.ptr, shortest);
    return shortest;
}

} // namespace headwater
