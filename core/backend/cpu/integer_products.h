// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/stored_integer_lanes.h"

/// Products of rows of stored integers with a row's digits. Scales enter as float32, one multiply-add for 64
/// elements; integers before that are exact.
namespace headwater::HEADWATER_INSTRUCTIONS {

template <class Stored> inline Ints integerSums(Bytes integers, const Digits::Step& step)
{
    if constexpr (Stored::kLess == 0)
        return digitSums(integers, step);
    else
        return digitSumsLess(integers, step, Stored::kLess);
}

/// N rows at once of a type in blocks of 32.
template <class Stored, std::size_t N>
inline void multiplyBlocks(const std::uint8_t* rows, std::size_t cols, const Digits& digits, float* y)
{
    const std::size_t blocks = cols / Digits::kBlock;
    const std::size_t rowBytes = blocks * Stored::kBytes;
    Floats sums[N];
    FourFloats minima[N];
    for (std::size_t n = 0; n < N; ++n) {
        sums[n] = zero();
        minima[n] = noFloats();
    }
    for (std::size_t block = 0; block < blocks; block += 2) {
        const Digits::Step& step = digits.steps[block / 2];
        // Behind the last of an odd number of blocks there are no digits: it stands in for the next.
        const std::size_t next = block + 1 < blocks ? Stored::kBytes : 0;
        const FourFloats ofX = pairsOf(digits.units.data() + block, digits.sums.data() + block);
#pragma GCC unroll 4
        for (std::size_t n = 0; n < N; ++n) {
            const std::uint8_t* const a = rows + n * rowBytes + block * Stored::kBytes;
            const std::uint8_t* const b = a + next;
            const FourFloats factors = multiply(
                Stored::kHasMinimum ? fromFourHalves(bitsAt<std::uint32_t>(a), bitsAt<std::uint32_t>(b))
                                    : fromFourHalves(bitsAt<std::uint16_t>(a), bitsAt<std::uint16_t>(b)),
                ofX);
            sums[n] = multiplyAdd(floats(integerSums<Stored>(Stored::integers(a, b), step)),
                                  firstAndThird(factors), sums[n]);
            if constexpr (Stored::kHasMinimum)
                minima[n] = add(minima[n], factors);
        }
    }
    for (std::size_t n = 0; n < N; ++n)
        y[n] = sumOf(sums[n]) + secondAndFourth(minima[n]);
}

/// N rows at once of a type in superblocks.
template <class Stored, std::size_t N>
inline void multiplySuperblocks(const std::uint8_t* rows, std::size_t cols, const Digits& digits, float* y)
{
    constexpr std::size_t kSteps = 4; // of a superblock
    const std::size_t superblocks = cols / (kSteps * Digits::kStep);
    const std::size_t rowBytes = superblocks * Stored::kBytes;
    Floats sums[N];
    Floats minima[N];
    for (std::size_t n = 0; n < N; ++n)
        sums[n] = minima[n] = zero();
    for (std::size_t superblock = 0; superblock < superblocks; ++superblock) {
        const Digits::Step* const steps = digits.steps.data() + superblock * kSteps;
        const float* const units = digits.units.data() + superblock * 8;
        const Floats ofX =
            Stored::kHasMinimum ? eights(units, digits.sums.data() + superblock * 8) : twice(units);
#pragma GCC unroll 4
        for (std::size_t n = 0; n < N; ++n) {
            const std::uint8_t* const block = rows + n * rowBytes + superblock * Stored::kBytes;
            const Floats factors = multiply(Stored::scales(block), ofX);
#pragma GCC unroll 4
            for (std::size_t i = 0; i < kSteps; ++i)
                sums[n] = multiplyAdd(floats(integerSums<Stored>(Stored::integers(block, i), steps[i])),
                                      Stored::kHasMinimum ? twoOf(factors, i) : fourOf(factors, i), sums[n]);
            if constexpr (Stored::kHasMinimum)
                minima[n] = add(minima[n], factors);
        }
    }
    for (std::size_t n = 0; n < N; ++n)
        y[n] = sumOf(sums[n]) - (Stored::kHasMinimum ? sumOfUpperEight(minima[n]) : 0.0f);
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
