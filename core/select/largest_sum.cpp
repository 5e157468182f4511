// SPDX-License-Identifier: Apache-2.0
#include "core/select/largest_sum.h"

#include "core/select/lanes.h"
#include "core/select/split_slots.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

/// How many values are at least `least`, as bits: those of floats from 0 on order as they do.
HEADWATER_LANE_KERNEL
std::uint32_t countAtLeast(const float* values, std::size_t size, std::int32_t least)
{
    I16 found = {};
    I16 bits;
    for (std::size_t i = 0; i < size; i += kLanes) {
        std::memcpy(&bits, values + i, sizeof bits);
        found -= bits >= least;
    }
    std::uint32_t sum = 0;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
        sum += static_cast<std::uint32_t>(found[lane]);
    return sum;
}

/// A value that `count` values reach, and few more do.
float reachedBy(const std::vector<float>& values, std::size_t count)
{
    constexpr std::uint32_t kFewMore = 4;
    std::int32_t low = 0;
    std::int32_t high = std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());
    while (high - low > 1) {
        const std::int32_t middle = low + (high - low) / 2;
        const std::uint32_t reached = countAtLeast(values.data(), values.size(), middle);
        if (reached < count) {
            high = middle;
            continue;
        }
        low = middle;
        if (reached <= count + kFewMore)
            break;
    }
    return std::bit_cast<float>(low);
}

} // namespace

double sumOfLargest(std::vector<float>& values, std::size_t count, LargestScratch& scratch)
{
    values.resize((values.size() + kLanes - 1) / kLanes * kLanes, -1.0f);
    const auto size = static_cast<std::uint32_t>(values.size());
    scratch.none.resize(splitRoom(size));
    scratch.reaching.resize(splitRoom(size));
    const SlotCounts reached =
        splitSlots(values.data(), size, reachedBy(values, count), std::numeric_limits<float>::infinity(),
                   scratch.none.data(), scratch.reaching.data());
    scratch.found.resize(reached.candidates);
    for (std::uint32_t i = 0; i < reached.candidates; ++i)
        scratch.found[i] = values[scratch.reaching[i]];
    std::sort(scratch.found.begin(), scratch.found.end(), std::greater<>());
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += static_cast<double>(scratch.found[i]);
    return sum;
}

} // namespace headwater
