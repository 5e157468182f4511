// SPDX-License-Identifier: Apache-2.0
// Compiled with -fvect-cost-model=dynamic (g++): a loop over elements fills an instruction set's lanes.
#include "core/base/lane_kernel.h"
#include "core/model/stored_blocks.h"

namespace headwater::stored {
namespace {

constexpr std::size_t kBlock = 32;
constexpr std::size_t kHalf = kBlock / 2; // bytes of a block's nibbles

/// Nibbles with a fifth bit for each element: bit i of `highs`, 32 bits, belongs to element i.
template <class Value>
HEADWATER_LANE_INLINE void fromFiveBits(const std::uint8_t* highs, const std::uint8_t* nibbles, float* out,
                                        Value valueOf)
{
    std::uint32_t bits;
    std::memcpy(&bits, highs, sizeof bits);
    for (std::uint32_t i = 0; i < kHalf; ++i)
        out[i] = valueOf(static_cast<std::int32_t>((nibbles[i] & 0x0F) | (bits >> i & 1) << 4));
    for (std::uint32_t i = 0; i < kHalf; ++i)
        out[i + kHalf] = valueOf(static_cast<std::int32_t>(nibbles[i] >> 4 | (bits >> (i + kHalf) & 1) << 4));
}

} // namespace

/// Block: half scale, 32 signed bytes; value = scale · byte.
HEADWATER_LANE_KERNEL void fromQ8_0(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 2 + kBlock, out += kBlock) {
        const float scale = halfAt(block);
        const auto* quants = reinterpret_cast<const std::int8_t*>(block + 2);
        for (std::size_t i = 0; i < kBlock; ++i)
            out[i] = scale * static_cast<float>(quants[i]);
    }
}

/// Block: half scale, nibbles; value = scale · (nibble − 8).
HEADWATER_LANE_KERNEL void fromQ4_0(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 2 + kHalf, out += kBlock) {
        const float scale = halfAt(block);
        fromNibbles(block + 2, out, [scale](std::int32_t q) { return scale * static_cast<float>(q - 8); });
    }
}

/// Block: half scale, half minimum, nibbles; value = scale · nibble + minimum.
HEADWATER_LANE_KERNEL void fromQ4_1(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 4 + kHalf, out += kBlock) {
        const float scale = halfAt(block);
        const float minimum = halfAt(block + 2);
        fromNibbles(block + 4, out,
                    [scale, minimum](std::int32_t q) { return scale * static_cast<float>(q) + minimum; });
    }
}

/// Block: half scale, 32 fifth bits, nibbles; value = scale · (five bits − 16).
HEADWATER_LANE_KERNEL void fromQ5_0(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 6 + kHalf, out += kBlock) {
        const float scale = halfAt(block);
        fromFiveBits(block + 2, block + 6, out,
                     [scale](std::int32_t q) { return scale * static_cast<float>(q - 16); });
    }
}

/// Block: half scale, half minimum, 32 fifth bits, nibbles; value = scale · five bits + minimum.
HEADWATER_LANE_KERNEL void fromQ5_1(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 8 + kHalf, out += kBlock) {
        const float scale = halfAt(block);
        const float minimum = halfAt(block + 2);
        fromFiveBits(block + 4, block + 8, out,
                     [scale, minimum](std::int32_t q) { return scale * static_cast<float>(q) + minimum; });
    }
}

/// Block: half scale, nibbles; value = scale · level.
HEADWATER_LANE_KERNEL void fromIQ4_NL(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 2 + kHalf, out += kBlock)
        fromLevels(block + 2, kNormalLevels, halfAt(block), out);
}

/// Block: one byte of exponent, nibbles; value = 2^(exponent − 127) · E2M1 number.
HEADWATER_LANE_KERNEL void fromMXFP4(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kBlock; ++b, block += 1 + kHalf, out += kBlock)
        fromLevels(block + 1, kE2M1Doubled, halfOfE8M0(block[0]), out);
}

} // namespace headwater::stored
