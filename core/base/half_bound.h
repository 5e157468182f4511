// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

namespace headwater {

/// What a probability can have been, at most, that a trace stores as the nearest binary16: rounding took no
/// more than 2^-11 of it (2^-25 of the smallest ones); twice that allows for two ways of adding up one row.
inline float boundOfNearestHalf(float stored)
{
    return std::min(1.0F, std::max(stored * (1 + 0x1p-10F), stored + 0x1p-25F));
}

/// The least that it can have been: the same allowance below, and nothing of the smallest number, which
/// stands for every smaller one too.
inline float floorOfNearestHalf(float stored)
{
    return stored <= 0x1p-24F ? 0.0F : std::min(stored * (1 - 0x1p-10F), stored - 0x1p-25F);
}

} // namespace headwater
