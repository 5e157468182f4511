// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_code.h"

#include "core/base/half.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {
namespace {

constexpr double kOctaves = 24;
constexpr double kCountOctaves = 32;
constexpr double kSteps = 254;

std::uint8_t codeOfLog2(double log2, double lowest, double octaves)
{
    const double step = std::round((log2 - lowest) * kSteps / octaves);
    return static_cast<std::uint8_t>(1 + std::clamp(step, 0.0, kSteps));
}

std::array<std::uint8_t, 65536> makeHalfTable()
{
    std::array<std::uint8_t, 65536> table {};
    for (std::uint32_t half = 0; half < 65536; ++half)
        table[half] = probabilityCode(floatFromHalf(static_cast<std::uint16_t>(half)));
    return table;
}

} // namespace

std::uint8_t probabilityCode(float probability)
{
    if (!(probability > 0))
        return 0;
    return codeOfLog2(std::log2(static_cast<double>(probability)), -kOctaves, kOctaves);
}

std::uint8_t probabilityCodeOfHalf(std::uint16_t half)
{
    static const std::array<std::uint8_t, 65536> table = makeHalfTable();
    return table[half];
}

float probabilityOfCode(std::uint8_t code)
{
    if (code == 0)
        return 0;
    return static_cast<float>(std::exp2(-kOctaves + (code - 1) * kOctaves / kSteps));
}

std::uint8_t countCode(std::uint64_t count)
{
    if (count == 0)
        return 0;
    return codeOfLog2(std::log2(static_cast<double>(count)), 0, kCountOctaves);
}

double countOfCode(std::uint8_t code)
{
    if (code == 0)
        return 0;
    return std::exp2((code - 1) * kCountOctaves / kSteps);
}

std::uint8_t missedCodeOfHalf(std::uint16_t half)
{
    const bool isNan = (half & 0x7C00) == 0x7C00 && (half & 0x03FF) != 0;
    if (isNan)
        return kUnknownCode;
    return std::min<std::uint8_t>(probabilityCodeOfHalf(half), kUnknownCode - 1);
}

} // namespace headwater
