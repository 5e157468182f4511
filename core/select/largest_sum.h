// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headwater {

/// What sumOfLargest() needs between calls.
struct LargestScratch {
    std::vector<std::uint32_t> none;
    std::vector<std::uint32_t> reaching;
    std::vector<float> found;
};

/// The sum of the `count` largest values, added from the largest down. Values are finite and at least 0,
/// fewer than 2^24; what is behind the last of them, up to a multiple of 16, is appended as -1. count at most
/// values.size(). Cost: about 20 passes over the values, and sorting `count` of them.
double sumOfLargest(std::vector<float>& values, std::size_t count, LargestScratch& scratch);

} // namespace headwater
