// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/four_floats.h"

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

/// 64 bytes.
struct Bytes {
    __m512i v;
};
inline __m256i load32(const std::uint8_t* from)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline __m256i load16Twice(const std::uint8_t* from)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
/// 64 bytes, shifted right and masked to four bits.
inline Bytes fourBits(const std::uint8_t* from, unsigned shift)
{
    const __m512i all = _mm512_loadu_si512(from);
    return {_mm512_and_si512(_mm512_srli_epi16(all, shift), _mm512_set1_epi8(0x0F))};
}
/// 32 bytes shifted right by `first` and masked, then the same bytes by `second`. Masks take what comes from
/// a neighbour away.
inline Bytes bitsTwice(const std::uint8_t* from, unsigned first, unsigned second, int mask)
{
    const __m256i once = load32(from);
    const __m512i shifted =
        _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_srli_epi16(once, static_cast<int>(first))),
                           _mm256_srli_epi16(once, static_cast<int>(second)), 1);
    return {_mm512_and_si512(shifted, _mm512_set1_epi8(static_cast<char>(mask)))};
}
/// Sixteen bytes' lower, then upper four bits, and those of another sixteen.
inline Bytes nibblesOfTwo(const std::uint8_t* a, const std::uint8_t* b)
{
    const __m512i shifts = _mm512_set_epi64(0x0004000400040004, 0x0004000400040004, 0, 0, 0x0004000400040004,
                                            0x0004000400040004, 0, 0);
    const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(load16Twice(a)), load16Twice(b), 1);
    return {_mm512_and_si512(_mm512_srlv_epi16(both, shifts), _mm512_set1_epi8(0x0F))};
}
/// x + value in the bytes whose bit is set.
inline Bytes plusWhere(Bytes x, std::uint64_t bytes, int value)
{
    return {_mm512_mask_add_epi8(x.v, bytes, x.v, _mm512_set1_epi8(static_cast<char>(value)))};
}
inline Bytes either(Bytes a, Bytes b)
{
    return {_mm512_or_si512(a.v, b.v)};
}
/// Shifted left by four, of bytes below sixteen.
inline Bytes upByFour(Bytes x)
{
    return {_mm512_slli_epi16(x.v, 4)};
}
inline Ints noInts()
{
    return {_mm512_setzero_si512()};
}
inline Ints loadInts(const std::int32_t* from)
{
    return {_mm512_loadu_si512(from)};
}
inline Ints minus(Ints a, Ints b)
{
    return {_mm512_sub_epi32(a.v, b.v)};
}
/// sums + the sums of four products each. Shape: digits [64]; two products must fit 16 bits.
inline Ints dots(Ints sums, Bytes x, const std::int8_t* digits)
{
    const __m512i y = _mm512_load_si512(digits);
#if defined(__AVX512VNNI__)
    return {_mm512_dpbusd_epi32(sums.v, x.v, y)};
#else
    const __m512i twos = _mm512_maddubs_epi16(x.v, y);
    return {_mm512_add_epi32(sums.v, _mm512_madd_epi16(twos, _mm512_set1_epi16(1)))};
#endif
}

/// The first in eight lanes, the third in the others.
inline Floats firstAndThird(FourFloats x)
{
    const __m512i from = _mm512_set_epi32(2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0);
    return {_mm512_permutexvar_ps(from, _mm512_castps128_ps512(x.v))};
}
/// The lower of two halves in eight lanes, the upper in the others.
inline Floats halvesOf(std::uint32_t halves)
{
    const __m128 both = _mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(halves)));
    const __m512i from = _mm512_set_epi32(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    return {_mm512_permutexvar_ps(from, _mm512_castps128_ps512(both))};
}
inline Floats eights(const float* a, const float* b)
{
    const __m512d low = _mm512_castps_pd(_mm512_castps256_ps512(_mm256_loadu_ps(a)));
    return {_mm512_castpd_ps(_mm512_insertf64x4(low, _mm256_castps_pd(_mm256_loadu_ps(b)), 1))};
}
/// Each of eight in two lanes.
inline Floats twice(const float* eight)
{
    const __m512i from = _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);
    return {_mm512_permutexvar_ps(from, _mm512_castps256_ps512(_mm256_loadu_ps(eight)))};
}
/// Lanes 2 i and 2 i + 1, in eight lanes each.
inline Floats twoOf(Floats x, std::size_t i)
{
    const __m512i first = _mm512_set_epi32(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    return {_mm512_permutexvar_ps(_mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(2 * i))), x.v)};
}
/// Lanes 4 i to 4 i + 3, in four lanes each.
inline Floats fourOf(Floats x, std::size_t i)
{
    const __m512i first = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
    return {_mm512_permutexvar_ps(_mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(4 * i))), x.v)};
}
inline float sumOfUpperEight(Floats x)
{
    return sumOf({_mm512_maskz_mov_ps(0xFF00, x.v)});
}

inline void storeInts(std::int32_t* to, Ints x)
{
    _mm512_storeu_si512(to, x.v);
}
/// The lowest byte of every lane.
inline void storeBytes(std::int8_t* to, Ints x)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(x.v));
}
inline Bytes allBytes(int value)
{
    return {_mm512_set1_epi8(static_cast<char>(value))};
}
/// The nearest whole numbers.
inline Ints wholeOf(Floats x)
{
    return {_mm512_cvtps_epi32(x.v)};
}
/// The largest magnitude of all.
inline float largestOf(Floats a, Floats b)
{
    return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(a.v), _mm512_abs_ps(b.v)));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
