// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/four_floats.h"

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

/// 64 bytes.
struct Bytes {
    __m256i low;
    __m256i high;
};
inline __m256i load32(const std::uint8_t* from)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline __m256i load16Twice(const std::uint8_t* from)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
/// Shifted right and masked: what comes from a neighbouring byte falls to the mask.
inline __m256i maskedRight(__m256i x, unsigned shift, int mask)
{
    return _mm256_and_si256(_mm256_srli_epi16(x, static_cast<int>(shift)),
                            _mm256_set1_epi8(static_cast<char>(mask)));
}
/// 64 bytes, shifted right and masked to four bits.
inline Bytes fourBits(const std::uint8_t* from, unsigned shift)
{
    return {maskedRight(load32(from), shift, 0x0F), maskedRight(load32(from + 32), shift, 0x0F)};
}
/// 32 bytes shifted right by `first` and masked, then the same bytes by `second`.
inline Bytes bitsTwice(const std::uint8_t* from, unsigned first, unsigned second, int mask)
{
    const __m256i once = load32(from);
    return {maskedRight(once, first, mask), maskedRight(once, second, mask)};
}
/// Sixteen bytes' lower, then upper four bits, and those of another sixteen.
inline Bytes nibblesOfTwo(const std::uint8_t* a, const std::uint8_t* b)
{
    const __m256i shifts = _mm256_setr_epi32(0, 0, 0, 0, 4, 4, 4, 4);
    const auto nibbles = [&](const std::uint8_t* from) {
        return _mm256_and_si256(_mm256_srlv_epi32(load16Twice(from), shifts), _mm256_set1_epi8(0x0F));
    };
    return {nibbles(a), nibbles(b)};
}
/// x + value in the bytes whose bit is set.
inline Bytes plusWhere(Bytes x, std::uint64_t bytes, int value)
{
    const __m256i byteOfBit = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
                                               2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201));
    const auto added = [&](std::uint32_t bits) {
        const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(bits)), byteOfBit);
        const __m256i isSet = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
        return _mm256_and_si256(isSet, _mm256_set1_epi8(static_cast<char>(value)));
    };
    return {_mm256_add_epi8(x.low, added(static_cast<std::uint32_t>(bytes))),
            _mm256_add_epi8(x.high, added(static_cast<std::uint32_t>(bytes >> 32)))};
}
inline Bytes either(Bytes a, Bytes b)
{
    return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
}
/// Shifted left by four, of bytes below sixteen.
inline Bytes upByFour(Bytes x)
{
    return {_mm256_slli_epi16(x.low, 4), _mm256_slli_epi16(x.high, 4)};
}
inline Ints noInts()
{
    return {_mm256_setzero_si256(), _mm256_setzero_si256()};
}
inline Ints loadInts(const std::int32_t* from)
{
    const auto* const both = reinterpret_cast<const __m256i*>(from);
    return {_mm256_loadu_si256(both), _mm256_loadu_si256(both + 1)};
}
inline Ints minus(Ints a, Ints b)
{
    return {_mm256_sub_epi32(a.low, b.low), _mm256_sub_epi32(a.high, b.high)};
}
/// sums + the sums of four products each. Shape: digits [64]; two products must fit 16 bits.
inline Ints dots(Ints sums, Bytes x, const std::int8_t* digits)
{
    const auto* const both = reinterpret_cast<const __m256i*>(digits);
    const auto fours = [](__m256i a, __m256i b) {
        return _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1));
    };
    return {_mm256_add_epi32(sums.low, fours(x.low, _mm256_load_si256(both))),
            _mm256_add_epi32(sums.high, fours(x.high, _mm256_load_si256(both + 1)))};
}

/// The first in eight lanes, the third in the others.
inline Floats firstAndThird(FourFloats x)
{
    return {_mm256_broadcastss_ps(x.v), _mm256_broadcastss_ps(_mm_movehl_ps(x.v, x.v))};
}
/// The lower of two halves in eight lanes, the upper in the others.
inline Floats halvesOf(std::uint32_t halves)
{
    const __m128 both = _mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(halves)));
    return {_mm256_broadcastss_ps(both), _mm256_broadcastss_ps(_mm_movehdup_ps(both))};
}
inline Floats eights(const float* a, const float* b)
{
    return {_mm256_loadu_ps(a), _mm256_loadu_ps(b)};
}
/// Each of eight in two lanes.
inline Floats twice(const float* eight)
{
    const __m256 all = _mm256_loadu_ps(eight);
    return {_mm256_permutevar8x32_ps(all, _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3)),
            _mm256_permutevar8x32_ps(all, _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7))};
}
/// Lanes 2 i and 2 i + 1, in eight lanes each; i below four.
inline Floats twoOf(Floats x, std::size_t i)
{
    const auto all = [&](std::size_t lane) {
        return _mm256_permutevar8x32_ps(x.low, _mm256_set1_epi32(static_cast<int>(lane)));
    };
    return {all(2 * i), all(2 * i + 1)};
}
/// Lanes 4 i to 4 i + 3, in four lanes each.
inline Floats fourOf(Floats x, std::size_t i)
{
    const __m256 of = i < 2 ? x.low : x.high;
    const int first = static_cast<int>(i % 2 * 4);
    const auto two = [&](int lane) {
        return _mm256_permutevar8x32_ps(
            of, _mm256_add_epi32(_mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), _mm256_set1_epi32(lane)));
    };
    return {two(first), two(first + 2)};
}
inline float sumOfUpperEight(Floats x)
{
    return sumOf({_mm256_setzero_ps(), x.high});
}

inline void storeInts(std::int32_t* to, Ints x)
{
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x.low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8), x.high);
}
/// The lowest byte of every lane.
inline void storeBytes(std::int8_t* to, Ints x)
{
    const __m256i lowest = _mm256_set1_epi32(0xFF);
    const __m256i words =
        _mm256_packus_epi32(_mm256_and_si256(x.low, lowest), _mm256_and_si256(x.high, lowest));
    const __m256i bytes = _mm256_packus_epi16(words, words); // fours 0, 2, 0, 2, 1, 3, 1, 3
    const __m256i inOrder = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(inOrder));
}
inline Bytes allBytes(int value)
{
    const __m256i all = _mm256_set1_epi8(static_cast<char>(value));
    return {all, all};
}
/// The nearest whole numbers.
inline Ints wholeOf(Floats x)
{
    return {_mm256_cvtps_epi32(x.low), _mm256_cvtps_epi32(x.high)};
}
/// The largest magnitude of all.
inline float largestOf(Floats a, Floats b)
{
    const __m256 noSign = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FFFFFFF));
    const auto larger = [noSign](Floats x) {
        return _mm256_max_ps(_mm256_and_ps(x.low, noSign), _mm256_and_ps(x.high, noSign));
    };
    const __m256 eight = _mm256_max_ps(larger(a), larger(b));
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
