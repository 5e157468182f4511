// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/digit_lanes.h"
#include "core/backend/cpu/stored_block_lanes.h"

/// Stored weights as small integers with scales, 64 elements at a time. Layouts:
/// core/model/dequantize_blocks.cpp, dequantize_superblocks.cpp.
namespace headwater::HEADWATER_INSTRUCTIONS {

/// Types in blocks of 32: weight = scale · (integer - 2^kLess) (+ minimum). Two blocks make 64 elements;
/// factors() are {scale, minimum} of the first and of the second.
struct IntegersQ4_0 {
    static constexpr std::size_t kElements = 32, kBytes = 18;
    static constexpr unsigned kLess = 3;
    static constexpr bool kHasMinimum = false;
    static Bytes integers(const std::uint8_t* a, const std::uint8_t* b) { return nibblesOfTwo(a + 2, b + 2); }
};
struct IntegersQ4_1 {
    static constexpr std::size_t kElements = 32, kBytes = 20;
    static constexpr unsigned kLess = 0;
    static constexpr bool kHasMinimum = true;
    static Bytes integers(const std::uint8_t* a, const std::uint8_t* b) { return nibblesOfTwo(a + 4, b + 4); }
};

inline Bytes fiveBitsOfTwo(const std::uint8_t* a, const std::uint8_t* b, std::size_t fifths)
{
    const std::uint64_t bits = bitsAt<std::uint32_t>(a + fifths)
        | static_cast<std::uint64_t>(bitsAt<std::uint32_t>(b + fifths)) << 32;
    return plusWhere(nibblesOfTwo(a + fifths + 4, b + fifths + 4), bits, 16);
}
struct IntegersQ5_0 {
    static constexpr std::size_t kElements = 32, kBytes = 22;
    static constexpr unsigned kLess = 4;
    static constexpr bool kHasMinimum = false;
    static Bytes integers(const std::uint8_t* a, const std::uint8_t* b) { return fiveBitsOfTwo(a, b, 2); }
};
struct IntegersQ5_1 {
    static constexpr std::size_t kElements = 32, kBytes = 24;
    static constexpr unsigned kLess = 0;
    static constexpr bool kHasMinimum = true;
    static Bytes integers(const std::uint8_t* a, const std::uint8_t* b) { return fiveBitsOfTwo(a, b, 4); }
};

/// Types in superblocks of 256: integers(block, i) are elements [64 i, 64 i + 64), and ofStep(factors, i)
/// the scale of each sixteenth of them in its lanes.
struct IntegersQ4_K {
    static constexpr std::size_t kElements = 256, kBytes = 144;
    static constexpr unsigned kLess = 0;
    static constexpr bool kHasMinimum = true;
    /// Eight scales, eight minima.
    static Floats scales(const std::uint8_t* block)
    {
        std::uint8_t sixBits[kLanes];
        stored::unpackEightScales(block + 4, sixBits);
        return multiply(halvesOf(bitsAt<std::uint32_t>(block)), floats(bytes(sixBits)));
    }
    static Bytes integers(const std::uint8_t* block, std::size_t i)
    {
        return bitsTwice(block + 16 + 32 * i, 0, 4, 0x0F);
    }
};
struct IntegersQ5_K {
    static constexpr std::size_t kElements = 256, kBytes = 176;
    static constexpr unsigned kLess = 0;
    static constexpr bool kHasMinimum = true;
    static Floats scales(const std::uint8_t* block) { return IntegersQ4_K::scales(block); }
    static Bytes integers(const std::uint8_t* block, std::size_t i)
    {
        const auto bit = static_cast<unsigned>(2 * i);
        return either(bitsTwice(block + 48 + 32 * i, 0, 4, 0x0F),
                      upByFour(bitsTwice(block + 16, bit, bit + 1, 1)));
    }
};
struct IntegersQ6_K {
    static constexpr std::size_t kElements = 256, kBytes = 210;
    static constexpr unsigned kLess = 5;
    static constexpr bool kHasMinimum = false;
    /// Sixteen scales.
    static Floats scales(const std::uint8_t* block)
    {
        return multiply(fillScale(block + 208), floats(signedBytes(block + 192)));
    }
    static Bytes integers(const std::uint8_t* block, std::size_t i)
    {
        const Bytes four = fourBits(block + i / 2 * 64, i % 2 * 4);
        const auto bit = static_cast<unsigned>(i % 2 * 4);
        return either(four, upByFour(bitsTwice(block + 128 + i / 2 * 32, bit, bit + 2, 3)));
    }
};

} // namespace headwater::HEADWATER_INSTRUCTIONS
