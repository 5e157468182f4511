// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace headwater {

/// Whether a stored number can be a probability; NaN is none. A hair above 1 is a sum's rounding: binary16
/// takes it back to 1.
inline bool isProbability(float value)
{
    return value >= 0 && value <= 1.0001F;
}

} // namespace headwater
