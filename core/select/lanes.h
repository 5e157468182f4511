// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/lane_kernel.h"

#include <cstdint>
#include <cstring>
#include <limits>

/// Sixteen float lanes, whatever the machine: the compiler splits them on narrower hardware. Every operation
/// is one IEEE operation a lane (contraction is off), so a kernel gives the same bits on every instruction
/// set. Lanes are passed by reference: passing them by value has no stable ABI without AVX-512.
namespace headwater::lanes {

inline constexpr std::uint32_t kLanes = 16;
inline constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
inline constexpr float kLog2E = 1.44269504088896340736f;
inline constexpr float kLn2 = 0.69314718055994530942f;

typedef float F16 __attribute__((vector_size(64)));
typedef std::int32_t I16 __attribute__((vector_size(64)));

HEADWATER_LANE_INLINE void load(const float* from, F16& to)
{
    std::memcpy(&to, from, sizeof to);
}

HEADWATER_LANE_INLINE void store(float* to, const F16& from)
{
    std::memcpy(to, &from, sizeof from);
}

HEADWATER_LANE_INLINE void fill(float value, F16& to)
{
    to = F16{} + value;
}

/// to = max(to, x); a NaN in x is ignored.
HEADWATER_LANE_INLINE void raise(F16& to, const F16& x)
{
    to = x > to ? x : to;
}

/// 2^x for x <= 127, relative error below 2e-7 (the polynomial of Cephes' exp2f); exactly 0 below -120 and
/// for NaN.
HEADWATER_LANE_INLINE void exp2(const F16& x, F16& result)
{
    const I16 used = x > -120.0f;
    const F16 clamped = used ? x : F16{} - 120.0f;
    const F16 magic =
        F16{} + 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer, kept in the low mantissa bits
    const F16 shifted = clamped + magic;
    const F16 fraction = clamped - (shifted - magic);
    F16 p = fraction * 1.535336188319500e-4f + 1.339887440266574e-3f;
    p = p * fraction + 9.618437357674640e-3f;
    p = p * fraction + 5.550332471162809e-2f;
    p = p * fraction + 2.402264791363012e-1f;
    p = p * fraction + 6.931472028550421e-1f;
    p = p * fraction + 1.0f;
    const I16 exponent = reinterpret_cast<I16>(shifted) << 23;
    const I16 bits = (reinterpret_cast<I16>(p) + exponent) & used;
    result = reinterpret_cast<F16>(bits);
}

/// e^x for x <= 88, relative error below 2e-7 (Cephes' expf); exactly 0 below -83 and for NaN.
HEADWATER_LANE_INLINE void exp(const F16& x, F16& result)
{
    const I16 used = x > -83.0f;
    const F16 clamped = used ? x : F16{} - 83.0f;
    const F16 magic = F16{} + 12582912.0f;
    const F16 shifted = clamped * kLog2E + magic;
    const F16 whole = shifted - magic;
    const F16 fraction = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;
    F16 p = fraction * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * fraction + 8.3334519073e-3f;
    p = p * fraction + 4.1665795894e-2f;
    p = p * fraction + 1.6666665459e-1f;
    p = p * fraction + 5.0000001201e-1f;
    p = (p * fraction) * fraction + fraction + 1.0f;
    const I16 exponent = reinterpret_cast<I16>(shifted) << 23;
    const I16 bits = (reinterpret_cast<I16>(p) + exponent) & used;
    result = reinterpret_cast<F16>(bits);
}

/// Pairwise sums and maxima over aligned groups of `width` lanes (a power of two up to 16): afterwards every
/// lane of a group holds the group's value. The order is a fixed tree.
HEADWATER_LANE_INLINE void sumGroups(F16& x, std::uint32_t width)
{
    if (width > 1)
        x += __builtin_shuffle(x, I16{1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14});
    if (width > 2)
        x += __builtin_shuffle(x, I16{2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13});
    if (width > 4)
        x += __builtin_shuffle(x, I16{4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11});
    if (width > 8)
        x += __builtin_shuffle(x, I16{8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7});
}

HEADWATER_LANE_INLINE void maxGroups(F16& x, std::uint32_t width)
{
    if (width > 1)
        raise(x, __builtin_shuffle(x, I16{1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14}));
    if (width > 2)
        raise(x, __builtin_shuffle(x, I16{2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13}));
    if (width > 4)
        raise(x, __builtin_shuffle(x, I16{4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11}));
    if (width > 8)
        raise(x, __builtin_shuffle(x, I16{8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7}));
}

HEADWATER_LANE_INLINE float sumOf(const F16& x)
{
    F16 sum = x;
    sumGroups(sum, kLanes);
    return sum[0];
}

HEADWATER_LANE_INLINE float maxOf(const F16& x)
{
    F16 top = x;
    maxGroups(top, kLanes);
    return top[0];
}

} // namespace headwater::lanes
