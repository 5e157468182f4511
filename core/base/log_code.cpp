// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_code.h"

#include "core/base/half.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

constexpr double kProbabilityOctaves = 24;
constexpr double kCountOctaves = 32;
constexpr double kSteps = 254; // between code 1 and code 255

std::uint8_t codeOfStep(double step)
{
    return static_cast<std::uint8_t>(1 + std::clamp(std::floor(step + 0.5), 0.0, kSteps));
}

std::array<std::uint8_t, 65536> codesOfHalves()
{
    std::array<std::uint8_t, 65536> codes{};
    for (std::size_t half = 0; half < codes.size(); ++half)
        codes[half] = probabilityCode(floatFromHalf(static_cast<std::uint16_t>(half)));
    return codes;
}

// Most cells of a map hold few edges, and the logarithm costs more than all else in a cell.
constexpr std::size_t kSmallCounts = 4096;

std::uint8_t codeOfLargeCount(std::uint64_t count)
{
    return codeOfStep(std::log2(static_cast<double>(count)) * (kSteps / kCountOctaves));
}

std::array<std::uint8_t, kSmallCounts> codesOfSmallCounts()
{
    std::array<std::uint8_t, kSmallCounts> codes{};
    for (std::size_t count = 1; count < codes.size(); ++count)
        codes[count] = codeOfLargeCount(count);
    return codes;
}

} // namespace

std::uint8_t probabilityCode(float probability)
{
    if (!(probability > 0))
        return 0;
    return codeOfStep((std::log2(static_cast<double>(probability)) + kProbabilityOctaves)
                      * (kSteps / kProbabilityOctaves));
}

std::span<const std::uint8_t, 65536> probabilityCodesOfHalves()
{
    static const std::array<std::uint8_t, 65536> codes = codesOfHalves();
    return codes;
}

float probabilityOfCode(std::uint8_t code)
{
    if (code == 0)
        return 0;
    return static_cast<float>(std::exp2((code - 1) * (kProbabilityOctaves / kSteps) - kProbabilityOctaves));
}

std::uint8_t countCode(std::uint64_t count)
{
    static const std::array<std::uint8_t, kSmallCounts> codes = codesOfSmallCounts();
    return count < codes.size() ? codes[count] : codeOfLargeCount(count);
}

double countOfCode(std::uint8_t code)
{
    return code == 0 ? 0 : std::exp2((code - 1) * (kCountOctaves / kSteps));
}

std::uint8_t missedMassCode(float missedMass)
{
    if (std::isnan(missedMass))
        return kUnknownCode;
    return std::min<std::uint8_t>(probabilityCode(missedMass), kUnknownCode - 1);
}

} // namespace headwater
