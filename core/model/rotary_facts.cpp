// SPDX-License-Identifier: Apache-2.0
#include "core/model/rotary_facts.h"

#include "core/model/limits.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace headwater {
namespace {

constexpr double kDefaultBase = 10'000.0;
constexpr double kLargestBase = 1e15;
constexpr double kLargestFactor = 1e6;

/// How many pairs of a head turn.
Result<std::uint64_t> readPairs(const ModelSource& source, std::uint64_t headDim)
{
    HEADWATER_TRY_ASSIGN(const auto turned, source.findUnsigned(Fact::RotatedDims, 2, headDim));
    const std::uint64_t count = turned.value_or(headDim);
    if (count % 2 != 0 || headDim % 2 != 0)
        return source.fail(Fact::RotatedDims, fmt::format("{} of {} dimensions", count, headDim),
                           "even numbers");
    return count / 2;
}

/// The scaling's factor; 1 where it is missing, or 0 as in older files.
Result<double> readFactor(const ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(const auto factor, source.findFloat(Fact::RopeFactor, 0, kLargestFactor));
    return factor.value_or(0) == 0 ? 1.0 : *factor;
}

Result<void> scaleLinearly(const ModelSource& source, Rotary& rotary)
{
    HEADWATER_TRY_ASSIGN(const double factor, readFactor(source));
    for (double& frequency : rotary.frequencies)
        frequency /= factor;
    return {};
}

Result<void> divideByFactors(ModelSource& source, Rotary& rotary)
{
    const TensorRole role{Part::RopeFactors};
    if (!source.has(role))
        return {};
    HEADWATER_TRY_ASSIGN(const auto factors, source.vector(role, rotary.frequencies.size()));
    for (std::size_t i = 0; i < factors.size(); ++i) {
        const auto factor = static_cast<double>(factors[i]);
        if (!std::isfinite(factor) || factor <= 0)
            return source.fail(role, fmt::format("{:g} at {}", factor, i), "positive factors");
        rotary.frequencies[i] /= factor;
    }
    return {};
}

} // namespace

Result<Rotary> readRotary(ModelSource& source, std::uint64_t headDim, Fact base, RotaryScaling scaling)
{
    HEADWATER_TRY_ASSIGN(const auto said, source.findFloat(base, 1.0, kLargestBase));
    HEADWATER_TRY_ASSIGN(const std::uint64_t pairs, readPairs(source, headDim));
    Rotary rotary{source.rotaryPairs(), std::vector<double>(pairs), 1};
    for (std::size_t i = 0; i < pairs; ++i)
        rotary.frequencies[i] = std::pow(said.value_or(kDefaultBase),
                                         -2.0 * static_cast<double>(i) / static_cast<double>(2 * pairs));
    if (scaling == RotaryScaling::None)
        return rotary;
    HEADWATER_TRY_ASSIGN(const auto word, source.findWord(Fact::RopeScaling));
    HEADWATER_TRY(divideByFactors(source, rotary));
    if (!word || *word == "linear")
        HEADWATER_TRY(scaleLinearly(source, rotary));
    else if (*word != "none")
        return source.fail(Fact::RopeScaling, fmt::format("\"{}\"", *word), "\"none\" or \"linear\"",
                           ErrorCode::Unsupported);
    return rotary;
}

} // namespace headwater
