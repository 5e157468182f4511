// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headwater {

/// A row as whole numbers in digits of a signed byte, so that its products with stored integers are those of
/// bytes and exact: of a block of 32 elements, x = unit · (65 536 · high + 256 · middle + low) with the least
/// power of two as unit for which three digits reach the block's largest element. An element differs from x
/// by at most unit / 2 <= 2^-23 of that element, as much as a float32 sum over the block would round; a sum
/// of products differs by no more than that times the magnitudes of the block's weights. Where scale · unit
/// falls below 2^-126 (elements under about 1e-30) float32 itself runs out of digits and the bound does not
/// hold. A block that holds a number that is none (or is infinite) makes every product NaN.
struct Digits {
    static constexpr std::size_t kBlock = 32; ///< elements that share a unit
    static constexpr std::size_t kStep = 64; ///< elements that lie together

    struct alignas(64) Step {
        std::int8_t high[kStep];
        std::int8_t middle[kStep];
        std::int8_t low[kStep];
        std::int32_t fours[kStep / 4]; ///< sums of four whole numbers side by side
    };

    std::vector<Step> steps; ///< [cols / kStep], the last one filled up with zeros
    std::vector<float> units; ///< [cols / kBlock], and zeros that are read beside them
    std::vector<float> sums; ///< of x, a block each; laid out as units
};

} // namespace headwater
