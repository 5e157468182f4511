// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/decode_lanes.h"
#include "core/backend/cpu/digits.h"

#include <bit>
#include <cmath>

/// A row's digits, and their products with 64 stored integers.
namespace headwater::HEADWATER_INSTRUCTIONS {

constexpr std::size_t kDigitLanes = 16;

/// The largest whole number of three signed digits.
constexpr float kMostDigits = 127 * 65536 + 127 * 256 + 127;

/// The least power of two, no denormal, of which `largest` is at most kMostDigits.
inline float unitOf(float largest)
{
    constexpr std::uint32_t kExponent = 0xFF800000;
    constexpr float kLeast = 0x1p-126f;
    if (!(largest > kLeast * 0x1p23f))
        return kLeast;
    const auto power = std::bit_cast<float>(std::bit_cast<std::uint32_t>(largest) & kExponent) * 0x1p-22f;
    return largest <= power * kMostDigits ? power : power * 2;
}

/// Sixteen whole numbers in digits. Adding 128 to every digit makes them the bytes of one number that is not
/// negative.
inline void storeDigits(Ints whole, Digits::Step& step, std::size_t at)
{
    const Ints raised = plus(whole, 0x808080);
    storeBytes(step.low + at, plus(raised, 0x80));
    storeBytes(step.middle + at, plus(shiftedRight(raised, 8), 0x80));
    storeBytes(step.high + at, plus(shiftedRight(raised, 16), 0x80));
}

/// Sixteen sums of four stored integers of at most six bits times the row's whole numbers: at most 4 · 63 ·
/// 2^23, which an int32 holds. What is carried out at the top on the way comes back.
inline Ints digitSums(Bytes stored, const Digits::Step& step)
{
    const Ints high = dots(noInts(), stored, step.high);
    const Ints middle = dots(shiftedLeft(high, 8), stored, step.middle);
    return dots(shiftedLeft(middle, 8), stored, step.low);
}

/// Shape: x [cols], cols a multiple of Digits::kBlock.
inline void makeDigits(const float* x, std::size_t cols, Digits& digits)
{
    constexpr std::size_t kReadBeside = 16;
    const std::size_t blocks = cols / Digits::kBlock;
    digits.steps.resize((cols + Digits::kStep - 1) / Digits::kStep);
    digits.units.assign(blocks + kReadBeside, 0.0f);
    digits.sums.assign(blocks + kReadBeside, 0.0f);
    if (cols % Digits::kStep != 0)
        digits.steps.back() = {};
    for (std::size_t block = 0; block < blocks; ++block) {
        const Floats first = load(x + block * Digits::kBlock);
        const Floats second = load(x + block * Digits::kBlock + kDigitLanes);
        const Floats both = add(first, second);
        // NaN beside an element that is no finite number; it makes NaN of all that the block enters.
        const float poison = sumOf(add(multiply(first, zero()), multiply(second, zero())));
        const float unit = unitOf(largestOf(first, second)) + poison;
        digits.units[block] = unit;
        digits.sums[block] = sumOf(both);
        const Floats perUnit = fill(1.0f / unit); // a power of two: exact
        Digits::Step& step = digits.steps[block / 2];
        const std::size_t at = block % 2 * Digits::kBlock;
        storeDigits(wholeOf(multiply(first, perUnit)), step, at);
        storeDigits(wholeOf(multiply(second, perUnit)), step, at + kDigitLanes);
    }
    for (Digits::Step& step : digits.steps)
        storeInts(step.fours, digitSums(allBytes(1), step));
}

/// The same of stored integers less 2^bits: at most 4 · 2^5 · 2^23.
inline Ints digitSumsLess(Bytes stored, const Digits::Step& step, unsigned bits)
{
    return minus(digitSums(stored, step), shiftedLeft(loadInts(step.fours), bits));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
