// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"

#include <immintrin.h>

namespace headwater {

std::uint16_t halfFromFloat(float value)
{
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    const std::uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) // NaN: keep the upper payload bits and make it quiet
        return static_cast<std::uint16_t>(sign | 0x7E00 | (magnitude >> 13 & 0x1FF));
    if (magnitude >= 0x47800000)
        return sign | 0x7C00;
    if (magnitude < 0x33000000) // rounds to zero
        return sign;
    std::uint32_t half = 0;
    std::uint32_t rest = 0;
    std::uint32_t middle = 0;
    if (magnitude < 0x38800000) { // subnormal half
        const std::uint32_t shift = 126 - (magnitude >> 23);
        const std::uint32_t mantissa = (magnitude & 0x7FFFFF) | 0x800000;
        half = mantissa >> shift;
        rest = mantissa & ((1u << shift) - 1);
        middle = 1u << (shift - 1);
    } else {
        half = (magnitude - 0x38000000) >> 13;
        rest = magnitude & 0x1FFF;
        middle = 0x1000;
    }
    if (rest > middle || (rest == middle && (half & 1)))
        ++half;
    return static_cast<std::uint16_t>(sign | half);
}

float floatFromHalf(std::uint16_t half)
{
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    const std::uint32_t exponent = half >> 10 & 0x1F;
    const std::uint32_t mantissa = half & 0x3FF;
    if (exponent == 31)
        return std::bit_cast<float>(sign | 0x7F800000 | mantissa << 13);
    if (exponent != 0)
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    const float subnormal = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -subnormal : subnormal;
}

namespace {

__attribute__((target("avx,f16c"))) std::size_t halvesFromFloatsF16c(std::span<const float> values,
                                                                     std::span<std::uint16_t> halves)
{
    std::size_t i = 0;
    for (; i + 8 <= values.size(); i += 8) {
        const __m128i packed = _mm256_cvtps_ph(_mm256_loadu_ps(values.data() + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(halves.data() + i), packed);
    }
    return i;
}

__attribute__((target("avx,f16c"))) std::size_t floatsFromHalvesF16c(std::span<const std::uint16_t> halves,
                                                                     std::span<float> values)
{
    std::size_t i = 0;
    for (; i + 8 <= halves.size(); i += 8) {
        const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves.data() + i));
        _mm256_storeu_ps(values.data() + i, _mm256_cvtph_ps(packed));
    }
    return i;
}

// What has AVX2 has F16C, which clang 14 does not know by name.
const bool kHasF16c = __builtin_cpu_supports("avx2") != 0;

} // namespace

void halvesFromFloats(std::span<const float> values, std::span<std::uint16_t> halves)
{
    std::size_t i = kHasF16c ? halvesFromFloatsF16c(values, halves) : 0;
    for (; i < values.size(); ++i)
        halves[i] = halfFromFloat(values[i]);
}

void floatsFromHalves(std::span<const std::uint16_t> halves, std::span<float> values)
{
    std::size_t i = kHasF16c ? floatsFromHalvesF16c(halves, values) : 0;
    for (; i < halves.size(); ++i)
        values[i] = floatFromHalf(halves[i]);
}

} // namespace headwater
