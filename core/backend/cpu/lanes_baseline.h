// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"

#include <bit>
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
/// Two halves that lie together, each in all lanes: the lower, the upper.
inline void fillHalves(std::uint32_t halves, Floats& lower, Floats& upper)
{
    lower = fillHalf(static_cast<std::uint16_t>(halves));
    upper = fillHalf(static_cast<std::uint16_t>(halves >> 16));
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
/// x + value in the lanes whose bit is set.
inline Ints plusWhere(Ints x, std::uint16_t lanes, int value)
{
    return each<Ints>([&](std::size_t i) { return x.v[i] + (lanes >> i & 1 ? value : 0); });
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

} // namespace headwater::HEADWATER_INSTRUCTIONS
