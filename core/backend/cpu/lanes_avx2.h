// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <immintrin.h>

/// Sixteen lanes in pairs of AVX2 registers for the decoding kernels; see decode_lanes.h.
namespace headwater::HEADWATER_INSTRUCTIONS {

struct Floats {
    __m256 low;
    __m256 high;
};
struct Ints {
    __m256i low;
    __m256i high;
};

inline Floats zero()
{
    return {_mm256_setzero_ps(), _mm256_setzero_ps()};
}
inline Floats fill(float x)
{
    return {_mm256_set1_ps(x), _mm256_set1_ps(x)};
}
inline Floats load(const float* from)
{
    return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}
inline void store(float* to, Floats x)
{
    _mm256_storeu_ps(to, x.low);
    _mm256_storeu_ps(to + 8, x.high);
}
inline Floats add(Floats a, Floats b)
{
    return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
inline Floats subtract(Floats a, Floats b)
{
    return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
inline Floats multiply(Floats a, Floats b)
{
    return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
inline Floats multiplyAdd(Floats a, Floats b, Floats c)
{
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
inline __m128i loadEight(const std::uint16_t* from)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
inline Floats fromHalves(const std::uint16_t* from)
{
    return {_mm256_cvtph_ps(loadEight(from)), _mm256_cvtph_ps(loadEight(from + 8))};
}
inline float fromHalf(std::uint16_t half)
{
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half)));
}
/// A half in all lanes.
inline Floats fillHalf(std::uint16_t half)
{
    const __m256 all = _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(half)));
    return {all, all};
}
/// Two halves that lie together, each in all lanes: the lower, the upper.
inline void fillHalves(std::uint32_t halves, Floats& lower, Floats& upper)
{
    const __m128 both = _mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(halves)));
    const __m256 low = _mm256_broadcastss_ps(both);
    const __m256 high = _mm256_broadcastss_ps(_mm_movehdup_ps(both));
    lower = {low, low};
    upper = {high, high};
}
inline Floats fromBfloats(const std::uint16_t* from)
{
    const auto eight = [](__m128i bits) {
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
    };
    return {eight(loadEight(from)), eight(loadEight(from + 8))};
}
inline __m128i loadHalf(const std::uint8_t* from)
{
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
}
inline Ints bytes(const std::uint8_t* from)
{
    return {_mm256_cvtepu8_epi32(loadHalf(from)), _mm256_cvtepu8_epi32(loadHalf(from + 8))};
}
inline Ints signedBytes(const std::uint8_t* from)
{
    return {_mm256_cvtepi8_epi32(loadHalf(from)), _mm256_cvtepi8_epi32(loadHalf(from + 8))};
}
inline Floats floats(Ints x)
{
    return {_mm256_cvtepi32_ps(x.low), _mm256_cvtepi32_ps(x.high)};
}
inline Ints shiftedRight(Ints x, unsigned count)
{
    const __m128i by = _mm_cvtsi32_si128(static_cast<int>(count));
    return {_mm256_srl_epi32(x.low, by), _mm256_srl_epi32(x.high, by)};
}
inline Ints shiftedLeft(Ints x, unsigned count)
{
    const __m128i by = _mm_cvtsi32_si128(static_cast<int>(count));
    return {_mm256_sll_epi32(x.low, by), _mm256_sll_epi32(x.high, by)};
}
inline Ints masked(Ints x, int mask)
{
    const __m256i all = _mm256_set1_epi32(mask);
    return {_mm256_and_si256(x.low, all), _mm256_and_si256(x.high, all)};
}
inline Ints either(Ints a, Ints b)
{
    return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
}
inline Ints plus(Ints x, int value)
{
    const __m256i all = _mm256_set1_epi32(value);
    return {_mm256_add_epi32(x.low, all), _mm256_add_epi32(x.high, all)};
}
/// x + value in the lanes whose bit is set.
inline Ints plusWhere(Ints x, std::uint16_t lanes, int value)
{
    const __m256i bitOfLane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const auto added = [&](int eight) {
        const __m256i set = _mm256_and_si256(_mm256_set1_epi32(eight), bitOfLane);
        return _mm256_and_si256(_mm256_cmpeq_epi32(set, bitOfLane), _mm256_set1_epi32(value));
    };
    return {_mm256_add_epi32(x.low, added(lanes & 0xFF)), _mm256_add_epi32(x.high, added(lanes >> 8))};
}
/// Of every lane the table's entry that its low four bits name.
inline Floats chosen(Floats table, Ints index)
{
    const auto eight = [&table](__m256i at) {
        const __m256 isHigh = _mm256_castsi256_ps(_mm256_slli_epi32(at, 28));
        return _mm256_blendv_ps(_mm256_permutevar8x32_ps(table.low, at),
                                _mm256_permutevar8x32_ps(table.high, at), isHigh);
    };
    return {eight(index.low), eight(index.high)};
}
inline float sumOf(Floats x)
{
    const __m256 eight = _mm256_add_ps(x.low, x.high);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
/// The sums of four, in their order.
inline void storeSums(Floats a, Floats b, Floats c, Floats d, float* to)
{
    const __m256 ab = _mm256_hadd_ps(_mm256_add_ps(a.low, a.high), _mm256_add_ps(b.low, b.high));
    const __m256 cd = _mm256_hadd_ps(_mm256_add_ps(c.low, c.high), _mm256_add_ps(d.low, d.high));
    const __m256 all = _mm256_hadd_ps(ab, cd);
    _mm_storeu_ps(to, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
