// SPDX-License-Identifier: Apache-2.0
#include "core/select/beam_pick.h"

#include "core/select/lanes.h"
#include "core/select/split_slots.h"

#include <algorithm>
#include <cmath>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

struct Range {
    float low = 0;
    float high = 0;
    float total = 0; ///< weight of all slots that can be taken
};

HEADWATER_LANE_KERNEL
Range rangeOf(const float* scores, const float* weight, std::uint32_t numSlots)
{
    F16 high;
    F16 low;
    F16 total = {};
    lanes::fill(lanes::kMinusInfinity, high);
    lanes::fill(-lanes::kMinusInfinity, low);
    for (std::uint32_t slot = 0; slot < numSlots; slot += kLanes) {
        F16 v;
        F16 w;
        lanes::load(scores + slot, v);
        const I16 usable = v > lanes::kMinusInfinity;
        lanes::raise(high, v);
        const F16 finite = usable ? v : F16{} - lanes::kMinusInfinity;
        low = finite < low ? finite : low;
        if (weight)
            lanes::load(weight + slot, w);
        else
            lanes::fill(1.0f, w);
        total += usable ? w : F16{};
    }
    F16 negatedLow = -low;
    return {-lanes::maxOf(negatedLow), lanes::maxOf(high), lanes::sumOf(total)};
}

/// Weight of the slots whose score is at least the threshold.
HEADWATER_LANE_KERNEL
float weightAbove(const float* scores, const float* weight, std::uint32_t numSlots, float threshold)
{
    F16 sum = {};
    if (weight)
        for (std::uint32_t slot = 0; slot < numSlots; slot += kLanes) {
            F16 v;
            F16 w;
            lanes::load(scores + slot, v);
            lanes::load(weight + slot, w);
            sum += v >= threshold ? w : F16{};
        }
    else
        for (std::uint32_t slot = 0; slot < numSlots; slot += kLanes) {
            F16 v;
            lanes::load(scores + slot, v);
            sum += v >= threshold ? F16{} + 1.0f : F16{};
        }
    return lanes::sumOf(sum);
}

constexpr int kHalvings = 9;

} // namespace

void pickHeaviest(float* scores, const float* weight, std::uint32_t numSlots, float wanted,
                  PickScratch& scratch, std::vector<std::uint32_t>& picked)
{
    picked.clear();
    const Range range = rangeOf(scores, weight, numSlots);
    // Slots at or above `sure` are taken: their weight does not reach `wanted`. Below `low` nothing is taken.
    float low = range.low;
    float sure = std::nextafter(range.high, std::numeric_limits<float>::infinity());
    float weightSure = 0;
    if (range.total <= wanted) {
        sure = range.low;
        low = range.low;
    } else {
        for (int i = 0; i < kHalvings; ++i) {
            const float middle = low + (sure - low) * 0.5f;
            if (!(middle > low && middle < sure))
                break;
            const float above = weightAbove(scores, weight, numSlots, middle);
            if (above >= wanted) {
                low = middle;
            } else {
                sure = middle;
                weightSure = above;
            }
        }
    }
    picked.resize(splitRoom(numSlots));
    scratch.candidates.resize(splitRoom(numSlots));
    const SlotCounts found =
        splitSlots(scores, numSlots, low, sure, picked.data(), scratch.candidates.data());
    picked.resize(found.sure);
    scratch.candidates.resize(found.candidates);
    std::sort(scratch.candidates.begin(), scratch.candidates.end(), [&](std::uint32_t a, std::uint32_t b) {
        return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
    });
    float taken = weightSure;
    for (const std::uint32_t slot : scratch.candidates) {
        if (taken >= wanted)
            break;
        picked.insert(std::lower_bound(picked.begin(), picked.end(), slot), slot);
        taken += weight ? weight[slot] : 1.0f;
    }
    for (const std::uint32_t slot : picked)
        scores[slot] = lanes::kMinusInfinity;
}

HEADWATER_LANE_KERNEL
float log2SumExp2(const float* scores, std::uint32_t numSlots)
{
    F16 top;
    lanes::fill(lanes::kMinusInfinity, top);
    for (std::uint32_t slot = 0; slot < numSlots; slot += kLanes) {
        F16 v;
        lanes::load(scores + slot, v);
        lanes::raise(top, v);
    }
    const float largest = lanes::maxOf(top);
    if (!(largest > lanes::kMinusInfinity))
        return lanes::kMinusInfinity;
    F16 sum = {};
    for (std::uint32_t slot = 0; slot < numSlots; slot += kLanes) {
        F16 v;
        lanes::load(scores + slot, v);
        lanes::exp2(v - largest, v);
        sum += v;
    }
    return largest + std::log2(lanes::sumOf(sum));
}

} // namespace headwater
