// SPDX-License-Identifier: Apache-2.0
// Compiled with -fvect-cost-model=dynamic (g++): a loop over elements fills an instruction set's lanes.
#include "core/base/lane_kernel.h"
#include "core/model/stored_blocks.h"

namespace headwater::stored {
namespace {

constexpr std::size_t kSuperblock = 256;

/// The eight scales and minima of Q4_K and Q5_K.
struct EightScales {
    float scale[8];
    float minimum[8];

    EightScales(const std::uint8_t* packed, float ofScales, float ofMinima)
    {
        std::uint8_t sixBits[16];
        unpackEightScales(packed, sixBits);
        for (std::size_t i = 0; i < 8; ++i) {
            scale[i] = ofScales * static_cast<float>(sixBits[i]);
            minimum[i] = ofMinima * static_cast<float>(sixBits[8 + i]);
        }
    }
};

} // namespace

/// Superblock: 16 bytes (scale in the low, minimum in the high nibble of each part of 16), 64 bytes of pairs
/// of bits, half of the scales, half of the minima. Byte i of 32 holds elements i, i + 32, i + 64, i + 96 of
/// its half; value = scale · pair − minimum.
HEADWATER_LANE_KERNEL void fromQ2_K(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 84) {
        const std::uint8_t* packed = block;
        const float ofScales = halfAt(block + 80);
        const float ofMinima = halfAt(block + 82);
        for (std::uint32_t part = 0; part < 16; ++part, out += 16) {
            const float scale = ofScales * static_cast<float>(packed[part] & 0x0F);
            const float minimum = ofMinima * static_cast<float>(packed[part] >> 4);
            const std::uint8_t* pairs = block + 16 + part / 8 * 32 + part % 2 * 16;
            const std::uint32_t shift = part / 2 % 4 * 2;
            for (std::size_t i = 0; i < 16; ++i)
                out[i] = scale * static_cast<float>(pairs[i] >> shift & 3) - minimum;
        }
    }
}

/// Superblock: 32 bytes of third bits (bit n of byte i belongs to element i of the n-th 32), 64 bytes of
/// pairs as in Q2_K, sixteen 6-bit scales in 12 bytes (low nibbles of parts 0 to 7 and 8 to 15 in bytes 0 to
/// 7, high pairs of part p in byte 8 + p % 4), half of the scales; value = (scale − 32) · (pair − 4 where the
/// third bit is 0).
HEADWATER_LANE_KERNEL void fromQ3_K(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 110) {
        const std::uint8_t* packed = block + 96;
        const float ofScales = halfAt(block + 108);
        for (std::uint32_t part = 0; part < 16; ++part, out += 16) {
            const std::int32_t low = packed[part % 8] >> part / 8 * 4 & 0x0F;
            const std::int32_t high = packed[8 + part % 4] >> part / 4 * 2 & 3;
            const float scale = ofScales * static_cast<float>((low | high << 4) - 32);
            const std::uint8_t* pairs = block + 32 + part / 8 * 32 + part % 2 * 16;
            const std::uint8_t* thirds = block + part % 2 * 16;
            const std::uint32_t shift = part / 2 % 4 * 2;
            const std::uint32_t bit = part / 2;
            for (std::size_t i = 0; i < 16; ++i) {
                const std::int32_t three = (pairs[i] >> shift & 3) | (thirds[i] >> bit & 1) << 2;
                out[i] = scale * static_cast<float>(three - 4);
            }
        }
    }
}

/// Superblock: half of the scales, half of the minima, 12 bytes of both, 128 bytes of nibbles: each 32 hold
/// two parts of 32, the lower nibbles the first; value = scale · nibble − minimum.
HEADWATER_LANE_KERNEL void fromQ4_K(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 144) {
        const EightScales of(block + 4, halfAt(block), halfAt(block + 2));
        for (std::uint32_t part = 0; part < 8; ++part, out += 32) {
            const std::uint8_t* nibbles = block + 16 + part / 2 * 32;
            const std::uint32_t shift = part % 2 * 4;
            const float scale = of.scale[part];
            const float minimum = of.minimum[part];
            for (std::size_t i = 0; i < 32; ++i)
                out[i] = scale * static_cast<float>(nibbles[i] >> shift & 0x0F) - minimum;
        }
    }
}

/// Superblock: as Q4_K, with 32 bytes of fifth bits before the nibbles: bit n of byte i belongs to element i
/// of part n.
HEADWATER_LANE_KERNEL void fromQ5_K(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 176) {
        const EightScales of(block + 4, halfAt(block), halfAt(block + 2));
        const std::uint8_t* fifths = block + 16;
        for (std::uint32_t part = 0; part < 8; ++part, out += 32) {
            const std::uint8_t* nibbles = block + 48 + part / 2 * 32;
            const std::uint32_t shift = part % 2 * 4;
            const float scale = of.scale[part];
            const float minimum = of.minimum[part];
            for (std::size_t i = 0; i < 32; ++i) {
                const std::int32_t five = (nibbles[i] >> shift & 0x0F) | (fifths[i] >> part & 1) << 4;
                out[i] = scale * static_cast<float>(five) - minimum;
            }
        }
    }
}

/// Superblock: 128 bytes of low nibbles, 64 bytes of high pairs, 16 signed scales, half of the scales. Of
/// each half (128 elements), 64 bytes of nibbles hold parts 0 and 1 of 32 low, 2 and 3 high; pair n of byte i
/// of 32 belongs to element i of part n. Value = scale of its 16 · (six bits − 32).
HEADWATER_LANE_KERNEL void fromQ6_K(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 210) {
        const auto* scales = reinterpret_cast<const std::int8_t*>(block + 192);
        const float ofScales = halfAt(block + 208);
        for (std::uint32_t part = 0; part < 16; ++part, out += 16) {
            const std::uint32_t half = part / 8;
            const std::uint32_t quarter = part % 8 / 2;
            const std::uint8_t* lows = block + half * 64 + part % 4 * 16;
            const std::uint8_t* highs = block + 128 + half * 32 + part % 2 * 16;
            const std::uint32_t lowShift = quarter / 2 * 4;
            const std::uint32_t highShift = quarter * 2;
            const float scale = ofScales * static_cast<float>(scales[part]);
            for (std::size_t i = 0; i < 16; ++i) {
                const std::int32_t six = (lows[i] >> lowShift & 0x0F) | (highs[i] >> highShift & 3) << 4;
                out[i] = scale * static_cast<float>(six - 32);
            }
        }
    }
}

/// Superblock: half of the scales, 16 bits of high pairs and 4 bytes of low nibbles of eight 6-bit scales,
/// 128 bytes of nibbles, 16 bytes a part of 32 as in IQ4_NL; value = (scale − 32) · level.
HEADWATER_LANE_KERNEL void fromIQ4_XS(const std::byte* in, std::size_t count, float* out)
{
    const std::uint8_t* block = bytesOf(in);
    for (std::size_t b = 0; b < count / kSuperblock; ++b, block += 136) {
        const float ofScales = halfAt(block);
        const std::uint32_t highs = block[2] | std::uint32_t{block[3]} << 8;
        for (std::uint32_t part = 0; part < 8; ++part, out += 32) {
            const std::uint32_t low = block[4 + part / 2] >> part % 2 * 4 & 0x0F;
            const std::uint32_t six = low | (highs >> part * 2 & 3) << 4;
            const float scale = ofScales * static_cast<float>(static_cast<std::int32_t>(six) - 32);
            fromLevels(block + 8 + part * 16, kNormalLevels, scale, out);
        }
    }
}

} // namespace headwater::stored
