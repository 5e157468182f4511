// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/finite_rows.h"

#include "core/select/lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::int32_t kMagnitude = 0x7fffffff; // of a float's bits, all but the sign
constexpr std::int32_t kInfinity = 0x7f800000; // no finite float has as large a magnitude

/// Whether all of x is finite: the largest magnitude, as integers.
HEADWATER_LANE_KERNEL
bool isFinite(const float* x, std::size_t count)
{
    lanes::I16 largest = {};
    std::size_t i = 0;
    for (; i + lanes::kLanes <= count; i += lanes::kLanes) {
        lanes::I16 bits;
        std::memcpy(&bits, x + i, sizeof bits);
        bits &= kMagnitude;
        largest = bits > largest ? bits : largest;
    }
    std::int32_t top = 0;
    for (std::size_t lane = 0; lane < lanes::kLanes; ++lane)
        top = std::max(top, largest[lane]);
    for (; i < count; ++i)
        top = std::max(top, std::bit_cast<std::int32_t>(x[i]) & kMagnitude);
    return top < kInfinity;
}

} // namespace

bool areFinite(std::span<const std::uint16_t> halves)
{
    constexpr std::uint16_t kHalfInfinity = 0x7c00;
    std::uint16_t top = 0;
    for (const std::uint16_t half : halves)
        top = std::max<std::uint16_t>(top, half & 0x7fff);
    return top < kHalfInfinity;
}

void FiniteRows::look(const float* x, std::uint32_t firstRow, std::uint32_t rows, std::size_t width)
{
    if (isFinite(x, rows * width))
        return;
    std::uint32_t row = firstRow;
    while (isFinite(x + (row - firstRow) * width, width))
        ++row;
    std::uint32_t seen = m_first.load(std::memory_order_relaxed);
    while (row < seen && !m_first.compare_exchange_weak(seen, row, std::memory_order_relaxed)) { }
}

Result<void> FiniteRows::verdict(int layer, const char* what) const
{
    return verdict(what, fmt::format("layer {}", layer));
}

Result<void> FiniteRows::verdict(const char* what, const std::string& where) const
{
    const std::uint32_t row = m_first.load(std::memory_order_relaxed);
    if (row == kNone)
        return {};
    return Error{
        ErrorCode::BadFormat,
        fmt::format(
            "{} hold an infinity or a NaN, expected finite numbers: the model's weights are damaged, or "
            "its numbers overflow",
            what),
        fmt::format("{}, row {}", where, row)};
}

} // namespace headwater
