// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/rotary_facts.h"

#include "core/base/text.h"
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
Result<std::uint64_t> readPairs(const ModelSource& source, std::uint64_t headDim, Fact dims)
{
    HEADWATER_TRY_ASSIGN(const auto turned, source.findUnsigned(dims, 2, headDim));
    const std::uint64_t count = turned.value_or(headDim);
    if (count % 2 != 0 || headDim % 2 != 0)
        return source.fail(dims, fmt::format("{} of {} dimensions", count, headDim), "even numbers");
    return count / 2;
}

/// The scaling's factor; 1 where it is missing, or 0 as in older files.
Result<double> readFactor(const ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(const auto factor, source.findFloat(Fact::RopeFactor, 0, kLargestFactor));
    return factor.value_or(0) == 0 ? 1.0 : *factor;
}

Result<double> readOriginalContext(const ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(const auto tokens,
                         source.requireUnsigned(Fact::RopeOriginalContext, 1, limits::kContextLength));
    return static_cast<double>(tokens);
}

Result<void> scaleLinearly(const ModelSource& source, Rotary& rotary)
{
    HEADWATER_TRY_ASSIGN(const double factor, readFactor(source));
    for (double& frequency : rotary.frequencies)
        frequency /= factor;
    return {};
}

/// Frequencies of wavelengths beyond the original context by the factor, those well inside it not, a ramp
/// between. Source: transformers, _compute_llama3_parameters.
Result<void> scaleAsLlama3(const ModelSource& source, Rotary& rotary)
{
    HEADWATER_TRY_ASSIGN(const double factor, source.requireFloat(Fact::RopeFactor, 1, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const double low, source.requireFloat(Fact::RopeLowFactor, 0, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const double high, source.requireFloat(Fact::RopeHighFactor, 0, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto context, readOriginalContext(source));
    if (!(low < high))
        return source.fail(Fact::RopeHighFactor, fmt::format("{:g}", high),
                           fmt::format("more than {:g}, the low one", low));
    for (double& frequency : rotary.frequencies) {
        const double turns = context * frequency / (2 * std::numbers::pi);
        const double own = std::clamp((turns - low) / (high - low), 0.0, 1.0);
        frequency = (1 - own) * frequency / factor + own * frequency;
    }
    return {};
}

/// A head's first pairs turn, the others stand still. Source: transformers,
/// _compute_proportional_rope_parameters.
Result<void> turnShare(const ModelSource& source, Rotary& rotary)
{
    HEADWATER_TRY_ASSIGN(const double share, source.requireFloat(Fact::RotatedShare, 0, 1));
    HEADWATER_TRY(scaleLinearly(source, rotary));
    const double dims = 2 * static_cast<double>(rotary.frequencies.size());
    const auto turning = static_cast<std::size_t>(std::floor(share * dims / 2));
    for (std::size_t pair = turning; pair < rotary.frequencies.size(); ++pair)
        rotary.frequencies[pair] = 0;
    return {};
}

/// What cos and sin are multiplied by.
Result<double> yarnMagnitude(const ModelSource& source, double factor)
{
    HEADWATER_TRY_ASSIGN(const auto said, source.findFloat(Fact::YarnMagnitude, 0, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto scale, source.findFloat(Fact::YarnMscale, 0, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto all, source.findFloat(Fact::YarnMscaleAllDim, 0, kLargestFactor));
    const auto magnitude = [factor](double m) { return factor <= 1 ? 1.0 : 0.1 * m * std::log(factor) + 1; };
    if (said)
        return *said;
    if (scale.value_or(0) > 0 && all.value_or(0) > 0)
        return magnitude(*scale) / magnitude(*all);
    return magnitude(1);
}

/// Pairs that turn often within the original context as they are, those that turn less than once by the
/// factor, a ramp between.
Result<void> scaleByYarn(const ModelSource& source, double base, Rotary& rotary)
{
    HEADWATER_TRY_ASSIGN(const double factor, source.requireFloat(Fact::RopeFactor, 1, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto context, readOriginalContext(source));
    HEADWATER_TRY_ASSIGN(const auto fast, source.findFloat(Fact::YarnBetaFast, 1e-6, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto slow, source.findFloat(Fact::YarnBetaSlow, 1e-6, kLargestFactor));
    HEADWATER_TRY_ASSIGN(const auto truncates, source.findUnsigned(Fact::YarnTruncates, 0, 1));
    const double dims = 2 * static_cast<double>(rotary.frequencies.size());
    const auto pairThatTurns = [&](double turns) {
        return dims * std::log(context / (turns * 2 * std::numbers::pi)) / (2 * std::log(base));
    };
    double first = pairThatTurns(fast.value_or(32));
    double last = pairThatTurns(slow.value_or(1));
    if (truncates.value_or(1) == 1) {
        first = std::floor(first);
        last = std::ceil(last);
    }
    first = std::max(first, 0.0);
    last = std::min(last, dims - 1);
    const double length = first == last ? 0.001 : last - first;
    for (std::size_t i = 0; i < rotary.frequencies.size(); ++i) {
        double& frequency = rotary.frequencies[i];
        const double t = std::clamp((static_cast<double>(i) - first) / length, 0.0, 1.0);
        frequency = (1 - t) * frequency + t * frequency / factor;
    }
    HEADWATER_TRY_ASSIGN(rotary.magnitude, yarnMagnitude(source, factor));
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

Result<Rotary> readRotary(ModelSource& source, std::uint64_t headDim, RotaryLayers layers)
{
    const bool isLocal = layers == RotaryLayers::Local;
    HEADWATER_TRY_ASSIGN(auto said, source.findFloat(Fact::RopeBase, 1.0, kLargestBase));
    HEADWATER_TRY_ASSIGN(const auto local, source.findFloat(Fact::LocalRopeBase, 1.0, kLargestBase));
    if (isLocal && local)
        said = local;
    HEADWATER_TRY_ASSIGN(const auto localDims,
                         source.findUnsigned(Fact::LocalRotatedDims, 2, limits::kHeadDim));
    HEADWATER_TRY_ASSIGN(
        const std::uint64_t pairs,
        readPairs(source, headDim, isLocal && localDims ? Fact::LocalRotatedDims : Fact::RotatedDims));
    const double theta = said.value_or(kDefaultBase);
    Rotary rotary{source.rotaryPairs(), std::vector<double>(pairs), 1};
    for (std::size_t i = 0; i < pairs; ++i)
        rotary.frequencies[i] =
            std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(2 * pairs));
    if (isLocal)
        return rotary;
    HEADWATER_TRY_ASSIGN(const auto word, source.findWord(Fact::RopeScaling));
    HEADWATER_TRY(divideByFactors(source, rotary));
    if (!word || *word == "linear")
        HEADWATER_TRY(scaleLinearly(source, rotary));
    else if (*word == "llama3")
        HEADWATER_TRY(scaleAsLlama3(source, rotary));
    else if (*word == "yarn")
        HEADWATER_TRY(scaleByYarn(source, theta, rotary));
    else if (*word == "proportional")
        HEADWATER_TRY(turnShare(source, rotary));
    else if (*word != "none")
        return source.fail(Fact::RopeScaling, fmt::format("\"{}\"", printable(word->substr(0, 80))),
                           "\"none\", \"linear\", \"llama3\", \"yarn\" or \"proportional\"",
                           ErrorCode::Unsupported);
    return rotary;
}

} // namespace headwater
