// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"
#include "core/base/lane_kernel.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// The block layouts of ggml's quantised types, one widening function each: `count` stored elements (whole
/// blocks) from `in` as float32 into `out`. Every element is the one float32 product (and sum, and
/// difference) that gguf-py 0.19 computes, in its order: the bits are equal. Cost: O(count), no allocation;
/// an instruction set's width at a time. Source: ggml-common.h (layouts), gguf-py quants.py (arithmetic).
namespace headwater::stored {

// Blocks of 32 elements: dequantize_blocks.cpp.
void fromQ8_0(const std::byte* in, std::size_t count, float* out);
void fromQ4_0(const std::byte* in, std::size_t count, float* out);
void fromQ4_1(const std::byte* in, std::size_t count, float* out);
void fromQ5_0(const std::byte* in, std::size_t count, float* out);
void fromQ5_1(const std::byte* in, std::size_t count, float* out);
void fromIQ4_NL(const std::byte* in, std::size_t count, float* out);
void fromMXFP4(const std::byte* in, std::size_t count, float* out);

// Superblocks of 256 elements, whose parts have scales of their own: dequantize_superblocks.cpp.
void fromQ2_K(const std::byte* in, std::size_t count, float* out);
void fromQ3_K(const std::byte* in, std::size_t count, float* out);
void fromQ4_K(const std::byte* in, std::size_t count, float* out);
void fromQ5_K(const std::byte* in, std::size_t count, float* out);
void fromQ6_K(const std::byte* in, std::size_t count, float* out);
void fromIQ4_XS(const std::byte* in, std::size_t count, float* out);

/// A block's binary16 scale.
inline float halfAt(const std::uint8_t* bytes)
{
    std::uint16_t half;
    std::memcpy(&half, bytes, sizeof half);
    return floatFromHalf(half);
}

inline const std::uint8_t* bytesOf(const std::byte* in)
{
    return reinterpret_cast<const std::uint8_t*>(in);
}

/// What the 16 nibbles of IQ4_NL and IQ4_XS stand for: the quantiles of a normal distribution, in 1/127.
inline constexpr float kNormalLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                            1,    13,   25,  38,  53,  69,  89,  113};

/// The E2M1 numbers of MXFP4, doubled so that all are whole.
inline constexpr float kE2M1Doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// Half of 2^(exponent − 127): the half belongs to the doubled levels. 255 is no NaN here, as in ggml.
HEADWATER_LANE_INLINE float halfOfE8M0(std::uint32_t exponent)
{
    return std::bit_cast<float>(exponent < 2 ? 0x00200000u << exponent : (exponent - 1) << 23);
}

/// The eight 6-bit scales and then minima that Q4_K and Q5_K pack into 12 bytes: bytes 0 to 3 hold the lower
/// four scales, 4 to 7 the lower four minima, both with the two high bits of the upper four above them, whose
/// low nibbles are bytes 8 to 11 (scale low, minimum high).
HEADWATER_LANE_INLINE void unpackEightScales(const std::uint8_t* packed, std::uint8_t (&sixBits)[16])
{
    std::uint32_t in[3];
    std::memcpy(in, packed, sizeof in);
    const std::uint32_t out[4] = {in[0] & 0x3F3F3F3F, (in[2] & 0x0F0F0F0F) | (in[0] >> 6 & 0x03030303) << 4,
                                  in[1] & 0x3F3F3F3F,
                                  (in[2] >> 4 & 0x0F0F0F0F) | (in[1] >> 6 & 0x03030303) << 4};
    std::memcpy(sixBits, out, sizeof out);
}

/// 32 elements from 16 bytes, as what `valueOf(nibble)` makes of each: byte i holds element i in its low and
/// element i + 16 in its high four bits.
template <class Value>
HEADWATER_LANE_INLINE void fromNibbles(const std::uint8_t* nibbles, float* out, Value valueOf)
{
    for (std::size_t i = 0; i < 16; ++i)
        out[i] = valueOf(nibbles[i] & 0x0F);
    for (std::size_t i = 0; i < 16; ++i)
        out[i + 16] = valueOf(nibbles[i] >> 4);
}

/// 32 elements whose nibbles stand for levels: each of the 16 products is made once and looked up.
HEADWATER_LANE_INLINE void fromLevels(const std::uint8_t* nibbles, const float (&levels)[16], float scale,
                                      float* out)
{
    float scaled[16];
    for (std::size_t i = 0; i < 16; ++i)
        scaled[i] = scale * levels[i];
    fromNibbles(nibbles, out, [&scaled](std::int32_t level) { return scaled[level]; });
}

} // namespace headwater::stored
