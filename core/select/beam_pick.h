// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace headwater {

/// What pickHeaviest() needs between calls; one a worker.
struct PickScratch {
    std::vector<std::uint32_t> candidates;
};

/// Takes slots by falling score, ties to the lower slot, until the weights taken reach `wanted`; slots at
/// -infinity (or NaN) are never taken. weight: [numSlots], null for 1 each; numSlots a multiple of 16. Fills
/// `picked` with the slots taken, ascending, and sets their scores to -infinity: what is left is the rest.
/// Cost: about 10 passes over the slots.
void pickHeaviest(float* scores, const float* weight, std::uint32_t numSlots, float wanted,
                  PickScratch& scratch, std::vector<std::uint32_t>& picked);

/// log2 of the sum of 2^score; -infinity where all are. numSlots a multiple of 16.
float log2SumExp2(const float* scores, std::uint32_t numSlots);

} // namespace headwater
