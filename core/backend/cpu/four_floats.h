// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <immintrin.h>

/// Scales and minima of two blocks for the decoding kernels with AVX2 and AVX-512; see decode_lanes.h.
namespace headwater::HEADWATER_INSTRUCTIONS {

struct FourFloats {
    __m128 v;
};
inline FourFloats noFloats()
{
    return {_mm_setzero_ps()};
}
inline FourFloats add(FourFloats a, FourFloats b)
{
    return {_mm_add_ps(a.v, b.v)};
}
inline FourFloats multiply(FourFloats a, FourFloats b)
{
    return {_mm_mul_ps(a.v, b.v)};
}
/// Two halves that lie together, and another two.
inline FourFloats fromFourHalves(std::uint32_t a, std::uint32_t b)
{
    return {_mm_cvtph_ps(_mm_insert_epi32(_mm_cvtsi32_si128(static_cast<int>(a)), static_cast<int>(b), 1))};
}
/// a[0], b[0], a[1], b[1].
inline FourFloats pairsOf(const float* a, const float* b)
{
    const auto two = [](const float* from) {
        return _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
    };
    return {_mm_unpacklo_ps(two(a), two(b))};
}
inline float secondAndFourth(FourFloats x)
{
    return _mm_cvtss_f32(_mm_add_ss(_mm_movehdup_ps(x.v), _mm_shuffle_ps(x.v, x.v, 3)));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
