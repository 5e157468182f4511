// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>

namespace headwater {

/// Whether two numbers are the same, one unknown number (NaN) the same as another. `==` calls no NaN equal to
/// anything, itself included: what compares so takes everything unknown for changed, again and again.
inline bool sameNumber(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

} // namespace headwater
