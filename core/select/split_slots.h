// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace headwater {

/// How many slots splitSlots() wrote to each of its lists.
struct SlotCounts {
    std::uint32_t sure = 0;
    std::uint32_t candidates = 0;
};

/// Room that the lists of splitSlots() need for `numSlots`: whole vectors are written past the last one.
constexpr std::uint32_t splitRoom(std::uint32_t numSlots)
{
    return numSlots + 16;
}

/// Slots whose score is at least `sure`, and slots from `low` up to it, both ascending; NaN is neither.
/// Shapes: scores [numSlots], a multiple of 16; either list [splitRoom(numSlots)]. low above -infinity.
/// Cost: about 6 cycles a 16 slots with AVX-512, 2 a slot without.
SlotCounts splitSlots(const float* scores, std::uint32_t numSlots, float low, float sure,
                      std::uint32_t* sureSlots, std::uint32_t* candidates);

} // namespace headwater
