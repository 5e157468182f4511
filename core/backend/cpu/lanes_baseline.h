// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Sixteen lanes as plain arrays for the decoding kernels, on any machine; see decode_lanes.h.
namespace headwater::HEADWATER_INSTRUCTIONS {

constexpr std::size_t kCount = 16;

struct Floats {
    float v[kCount];
};
struct Ints {
    std::int32_t v[kCount];
};

template <class Lanes, class Lane> inline Lanes each(Lane lane)
{
    Lanes made;
    for (std::size_t i = 0; i < kCount; ++i)
        made.v[i] = lane(i);
    return made;
}

inline Floats zero()
{
    return {};
}
inline Floats fill(float x)
{
    return each<Floats>([x](std::size_t) { return x; });
}
inline Floats load(const float* from)
{
    Floats x;
    std::memcpy(&x, from, sizeof x);
    return x;
}
inline void store(float* to, Floats x)
{
    std::memcpy(to, &x, sizeof x);
}
inline Floats add(Floats a, Floats b)
{
    return each<Floats>([&](std::size_t i) { return a.v[i] + b.v[i]; });
}
inline Floats subtract(Floats a, Floats b)
{
    return each<Floats>([&](std::size_t i) { return a.v[i] - b.v[i]; });
}
inline Floats multiply(Floats a, Floats b)
{
    return each<Floats>([&](std::size_t i) { return a.v[i] * b.v[i]; });
}
inline Floats multiplyAdd(Floats a, Floats b, Floats c)
{
    return each<Floats>([&](std::size_t i) { return a.v[i] * b.v[i] + c.v[i]; });
}
inline Floats fromHalves(const std::uint16_t* from)
{
    return each<Floats>([from](std::size_t i) { return floatFromHalf(from[i]); });
}
inline float fromHalf(std::uint16_t half)
{
    return floatFromHalf(half);
}
/// A half in all lanes.
inline Floats fillHalf(std::uint16_t half)
{
    return fill(floatFromHalf(half));
}
inline Floats fromBfloats(const std::uint16_t* from)
{
    return each<Floats>([from](std::size_t i) { return std::bit_cast<float>(std::uint32_t{from[i]} << 16); });
}
inline Ints bytes(const std::uint8_t* from)
{
    return each<Ints>([from](std::size_t i) { return std::int32_t{from[i]}; });
}
inline Ints signedBytes(const std::uint8_t* from)
{
    return each<Ints>([from](std::size_t i) { return std::int32_t{static_cast<std::int8_t>(from[i])}; });
}
inline Floats floats(Ints x)
{
    return each<Floats>([&](std::size_t i) { return static_cast<float>(x.v[i]); });
}
inline Ints shiftedRight(Ints x, unsigned count)
{
    return each<Ints>([&](std::size_t i) { return x.v[i] >> count; });
}
inline Ints shiftedLeft(Ints x, unsigned count)
{
    return each<Ints>([&](std::size_t i) { return x.v[i] << count; });
}
inline Ints masked(Ints x, int mask)
{
    return each<Ints>([&](std::size_t i) { return x.v[i] & mask; });
}
inline Ints either(Ints a, Ints b)
{
    return each<Ints>([&](std::size_t i) { return a.v[i] | b.v[i]; });
}
inline Ints plus(Ints x, int value)
{
    return each<Ints>([&](std::size_t i) { return x.v[i] + value; });
}
/// Of every lane the table's entry that its low four bits name.
inline Floats chosen(Floats table, Ints index)
{
    return each<Floats>([&](std::size_t i) { return table.v[index.v[i] & 0x0F]; });
}
inline float sumOf(Floats x)
{
    for (std::size_t width = kCount / 2; width > 0; width /= 2)
        for (std::size_t i = 0; i < width; ++i)
            x.v[i] += x.v[i + width];
    return x.v[0];
}
/// The sums of four, in their order.
inline void storeSums(Floats a, Floats b, Floats c, Floats d, float* to)
{
    to[0] = sumOf(a);
    to[1] = sumOf(b);
    to[2] = sumOf(c);
    to[3] = sumOf(d);
}

struct Bytes {
    std::uint8_t v[4 * kCount];
};
template <class Byte> inline Bytes eachByte(Byte byte)
{
    Bytes made;
    for (std::size_t i = 0; i < 4 * kCount; ++i)
        made.v[i] = static_cast<std::uint8_t>(byte(i));
    return made;
}
/// 64 bytes, shifted right and masked to four bits.
inline Bytes fourBits(const std::uint8_t* from, unsigned shift)
{
    return eachByte([&](std::size_t i) { return from[i] >> shift & 0x0F; });
}
/// 32 bytes shifted right by `first` and masked, then the same bytes by `second`.
inline Bytes bitsTwice(const std::uint8_t* from, unsigned first, unsigned second, int mask)
{
    return eachByte([&](std::size_t i) { return from[i % 32] >> (i < 32 ? first : second) & mask; });
}
/// Sixteen bytes' lower, then upper four bits, and those of another sixteen.
inline Bytes nibblesOfTwo(const std::uint8_t* a, const std::uint8_t* b)
{
    Bytes made;
    for (std::size_t i = 0; i < 16; ++i) {
        made.v[i] = a[i] & 0x0F;
        made.v[16 + i] = a[i] >> 4;
        made.v[32 + i] = b[i] & 0x0F;
        made.v[48 + i] = b[i] >> 4;
    }
    return made;
}
/// x + value in the bytes whose bit is set.
inline Bytes plusWhere(Bytes x, std::uint64_t bytes, int value)
{
    return eachByte([&](std::size_t i) { return x.v[i] + (bytes >> i & 1 ? value : 0); });
}
inline Bytes either(Bytes a, Bytes b)
{
    return eachByte([&](std::size_t i) { return a.v[i] | b.v[i]; });
}
/// Shifted left by four, of bytes below sixteen.
inline Bytes upByFour(Bytes x)
{
    return eachByte([&](std::size_t i) { return x.v[i] << 4; });
}
inline Ints noInts()
{
    return {};
}
inline Ints loadInts(const std::int32_t* from)
{
    Ints x;
    std::memcpy(&x, from, sizeof x);
    return x;
}
/// Differences modulo 2^32, as the wider sets have them.
inline Ints minus(Ints a, Ints b)
{
    return each<Ints>([&](std::size_t i) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v[i])
                                         - static_cast<std::uint32_t>(b.v[i]));
    });
}
/// sums + the sums of four products each, modulo 2^32. Shape: digits [64].
inline Ints dots(Ints sums, Bytes x, const std::int8_t* digits)
{
    return each<Ints>([&](std::size_t i) {
        std::int32_t four = 0;
        for (std::size_t k = 4 * i; k < 4 * i + 4; ++k)
            four += x.v[k] * digits[k];
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(sums.v[i])
                                         + static_cast<std::uint32_t>(four));
    });
}

struct FourFloats {
    float v[4];
};
inline FourFloats noFloats()
{
    return {};
}
inline FourFloats add(FourFloats a, FourFloats b)
{
    return {{a.v[0] + b.v[0], a.v[1] + b.v[1], a.v[2] + b.v[2], a.v[3] + b.v[3]}};
}
inline FourFloats multiply(FourFloats a, FourFloats b)
{
    return {{a.v[0] * b.v[0], a.v[1] * b.v[1], a.v[2] * b.v[2], a.v[3] * b.v[3]}};
}
/// Two halves that lie together, and another two.
inline FourFloats fromFourHalves(std::uint32_t a, std::uint32_t b)
{
    const auto half = [](std::uint32_t bits) { return fromHalf(static_cast<std::uint16_t>(bits)); };
    return {{half(a), half(a >> 16), half(b), half(b >> 16)}};
}
/// a[0], b[0], a[1], b[1].
inline FourFloats pairsOf(const float* a, const float* b)
{
    return {{a[0], b[0], a[1], b[1]}};
}
inline float secondAndFourth(FourFloats x)
{
    return x.v[1] + x.v[3];
}
/// The first in eight lanes, the third in the others.
inline Floats firstAndThird(FourFloats x)
{
    return each<Floats>([&](std::size_t i) { return x.v[i / 8 * 2]; });
}
/// The lower of two halves in eight lanes, the upper in the others.
inline Floats halvesOf(std::uint32_t halves)
{
    const float lower = fromHalf(static_cast<std::uint16_t>(halves));
    const float upper = fromHalf(static_cast<std::uint16_t>(halves >> 16));
    return each<Floats>([&](std::size_t i) { return i < 8 ? lower : upper; });
}
inline Floats eights(const float* a, const float* b)
{
    return each<Floats>([&](std::size_t i) { return i < 8 ? a[i] : b[i - 8]; });
}
/// Each of eight in two lanes.
inline Floats twice(const float* eight)
{
    return each<Floats>([&](std::size_t i) { return eight[i / 2]; });
}
/// Lanes 2 i and 2 i + 1, in eight lanes each; i below four.
inline Floats twoOf(Floats x, std::size_t i)
{
    return each<Floats>([&](std::size_t lane) { return x.v[2 * i + lane / 8]; });
}
/// Lanes 4 i to 4 i + 3, in four lanes each.
inline Floats fourOf(Floats x, std::size_t i)
{
    return each<Floats>([&](std::size_t lane) { return x.v[4 * i + lane / 4]; });
}
inline float sumOfUpperEight(Floats x)
{
    float sum = 0;
    for (std::size_t i = 8; i < kCount; ++i)
        sum += x.v[i];
    return sum;
}

inline void storeInts(std::int32_t* to, Ints x)
{
    std::memcpy(to, &x, sizeof x);
}
/// The lowest byte of every lane.
inline void storeBytes(std::int8_t* to, Ints x)
{
    for (std::size_t i = 0; i < kCount; ++i)
        to[i] = static_cast<std::int8_t>(x.v[i]);
}
inline Bytes allBytes(int value)
{
    return eachByte([value](std::size_t) { return value; });
}
/// The nearest whole numbers.
inline Ints wholeOf(Floats x)
{
    return each<Ints>([&](std::size_t i) { return static_cast<std::int32_t>(std::lrint(x.v[i])); });
}
/// The largest magnitude of all.
inline float largestOf(Floats a, Floats b)
{
    float largest = 0;
    for (std::size_t i = 0; i < kCount; ++i)
        largest = std::max({largest, std::abs(a.v[i]), std::abs(b.v[i])});
    return largest;
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
