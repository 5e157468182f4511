// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <immintrin.h>

/// Sixteen lanes of AVX-512 for the decoding kernels; see decode_lanes.h.
namespace headwater::HEADWATER_INSTRUCTIONS {

struct Floats {
    __m512 v;
};
struct Ints {
    __m512i v;
};

inline Floats zero()
{
    return {_mm512_setzero_ps()};
}
inline Floats fill(float x)
{
    return {_mm512_set1_ps(x)};
}
inline Floats load(const float* from)
{
    return {_mm512_loadu_ps(from)};
}
inline void store(float* to, Floats x)
{
    _mm512_storeu_ps(to, x.v);
}
inline Floats add(Floats a, Floats b)
{
    return {_mm512_add_ps(a.v, b.v)};
}
inline Floats subtract(Floats a, Floats b)
{
    return {_mm512_sub_ps(a.v, b.v)};
}
inline Floats multiply(Floats a, Floats b)
{
    return {_mm512_mul_ps(a.v, b.v)};
}
inline Floats multiplyAdd(Floats a, Floats b, Floats c)
{
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Floats fromHalves(const std::uint16_t* from)
{
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
}
inline float fromHalf(std::uint16_t half)
{
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half)));
}
/// A half in all lanes.
inline Floats fillHalf(std::uint16_t half)
{
    return {_mm512_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(half)))};
}
/// Two halves that lie together, each in all lanes: the lower, the upper.
inline void fillHalves(std::uint32_t halves, Floats& lower, Floats& upper)
{
    const __m128 both = _mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(halves)));
    lower = {_mm512_broadcastss_ps(both)};
    upper = {_mm512_broadcastss_ps(_mm_movehdup_ps(both))};
}
inline Floats fromBfloats(const std::uint16_t* from)
{
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline Ints bytes(const std::uint8_t* from)
{
    return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
}
inline Ints signedBytes(const std::uint8_t* from)
{
    return {_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
}
inline Floats floats(Ints x)
{
    return {_mm512_cvtepi32_ps(x.v)};
}
inline Ints shiftedRight(Ints x, unsigned count)
{
    return {_mm512_srl_epi32(x.v, _mm_cvtsi32_si128(static_cast<int>(count)))};
}
inline Ints shiftedLeft(Ints x, unsigned count)
{
    return {_mm512_sll_epi32(x.v, _mm_cvtsi32_si128(static_cast<int>(count)))};
}
inline Ints masked(Ints x, int mask)
{
    return {_mm512_and_si512(x.v, _mm512_set1_epi32(mask))};
}
inline Ints either(Ints a, Ints b)
{
    return {_mm512_or_si512(a.v, b.v)};
}
inline Ints plus(Ints x, int value)
{
    return {_mm512_add_epi32(x.v, _mm512_set1_epi32(value))};
}
/// x + value in the lanes whose bit is set.
inline Ints plusWhere(Ints x, std::uint16_t lanes, int value)
{
    return {_mm512_mask_add_epi32(x.v, lanes, x.v, _mm512_set1_epi32(value))};
}
/// Of every lane the table's entry that its low four bits name.
inline Floats chosen(Floats table, Ints index)
{
    return {_mm512_permutexvar_ps(index.v, table.v)};
}
inline float sumOf(Floats x)
{
    const __m256 upper = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x.v), 1));
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x.v), upper);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
/// The sums of four, in their order.
inline void storeSums(Floats a, Floats b, Floats c, Floats d, float* to)
{
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a.v, b.v), _mm512_unpackhi_ps(a.v, b.v));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c.v, d.v), _mm512_unpackhi_ps(c.v, d.v));
    const __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    const __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    const __m512 all = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(all),
                                       _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(all), 1)));
    _mm_storeu_ps(to, _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
