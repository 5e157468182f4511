// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <span>

namespace headwater {

/// IEEE binary16 from float, round to nearest even; overflow becomes infinity, NaN stays NaN.
std::uint16_t halfFromFloat(float value);

/// IEEE binary16 to float, exact.
float floatFromHalf(std::uint16_t half);

/// bfloat16 to float, exact.
inline float floatFromBfloat16(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Whole arrays; both spans have the same length. Uses F16C where the processor has it.
void halvesFromFloats(std::span<const float> values, std::span<std::uint16_t> halves);
void floatsFromHalves(std::span<const std::uint16_t> halves, std::span<float> values);

} // namespace headwater
