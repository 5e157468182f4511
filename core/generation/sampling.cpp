// SPDX-License-Identifier: Apache-2.0
#include "core/generation/sampling.h"

#include "core/base/seeded_random.h"
#include "core/forward/forward_pass.h"

#include <algorithm>
#include <cmath>

namespace headwater {
namespace {

/// SplitMix64's output `index` as a number in [0, 1).
double uniformOf(std::uint64_t seed, std::uint64_t index)
{
    return static_cast<double>(splitMix(seed + kSplitMixStep * (index + 1)) >> 11) * 0x1p-53;
}

/// The first of equals wins.
std::int32_t likeliestOf(std::span<const double> logits)
{
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

using Kept = std::vector<std::int32_t>; ///< ids

/// Leaves the `count` largest logits, and those equal to the last of them.
void keepLargest(std::span<const double> logits, std::uint32_t count, Kept& kept)
{
    if (count == 0 || count >= kept.size())
        return;
    std::vector<double> values;
    for (const std::int32_t id : kept)
        values.push_back(logits[static_cast<std::size_t>(id)]);
    const auto last = values.begin() + (count - 1);
    std::nth_element(values.begin(), last, values.end(), std::greater<>());
    std::erase_if(kept, [&](std::int32_t id) { return logits[static_cast<std::size_t>(id)] < *last; });
}

/// Leaves the likeliest tokens until they hold `share` of all: at least one; of equals the smaller id first.
void keepShare(std::span<const double> logits, double share, double top, Kept& kept)
{
    if (share >= 1)
        return;
    const auto weightOf = [&](std::int32_t id) {
        return std::exp(logits[static_cast<std::size_t>(id)] - top);
    };
    double sum = 0;
    for (const std::int32_t id : kept)
        sum += weightOf(id);
    const auto comesLater = [&](std::int32_t a, std::int32_t b) {
        const double left = logits[static_cast<std::size_t>(a)];
        const double right = logits[static_cast<std::size_t>(b)];
        return left != right ? left < right : a > b;
    };
    std::make_heap(kept.begin(), kept.end(), comesLater);
    auto end = kept.end();
    for (double held = 0; end != kept.begin() && (end == kept.end() || held < share * sum);) {
        std::pop_heap(kept.begin(), end, comesLater);
        held += weightOf(*--end);
    }
    kept.erase(kept.begin(), end);
    std::ranges::sort(kept);
}

} // namespace

Sampler::Sampler(const SamplingOptions& options, std::uint64_t seed, std::span<const std::int32_t> prompt,
                 std::size_t vocabSize)
    : m_options(options)
    , m_seen(vocabSize)
    , m_seed(seed)
{
    for (const std::int32_t id : prompt)
        m_seen[static_cast<std::size_t>(id)] = true;
}

std::vector<double> Sampler::penalised(std::span<const float> logits) const
{
    std::vector<double> out(logits.begin(), logits.end());
    if (m_options.repetitionPenalty != 1)
        for (std::size_t id = 0; id < out.size(); ++id)
            if (m_seen[id])
                out[id] = out[id] > 0 ? out[id] / m_options.repetitionPenalty
                                      : out[id] * m_options.repetitionPenalty;
    return out;
}

std::vector<Candidate> Sampler::candidates(std::span<const float> logits) const
{
    if (m_options.isArgMax())
        return {{greedyToken(logits), 1}};
    std::vector<double> scores = penalised(logits);
    const std::int32_t likeliest = likeliestOf(scores);
    if (m_options.temperature == 0)
        return {{likeliest, 1}};
    for (double& score : scores)
        score /= m_options.temperature;
    const double top = scores[static_cast<std::size_t>(likeliest)];
    Kept kept(scores.size());
    for (std::size_t id = 0; id < kept.size(); ++id)
        kept[id] = static_cast<std::int32_t>(id);
    keepLargest(scores, m_options.topK, kept);
    keepShare(scores, m_options.topP, top, kept);
    std::vector<Candidate> made;
    double sum = 0;
    for (const std::int32_t id : kept) {
        const double weight = std::exp(scores[static_cast<std::size_t>(id)] - top); // the likeliest weighs 1
        if (weight < m_options.minP)
            continue;
        made.push_back({id, weight});
        sum += weight;
    }
    for (Candidate& candidate : made)
        candidate.probability /= sum;
    return made;
}

std::int32_t Sampler::next(std::span<const float> logits)
{
    const std::vector<Candidate> among = candidates(logits);
    std::int32_t drawn = among.back().id; // what rounding leaves above the last sum
    double below = 0;
    const double u = uniformOf(m_seed, m_draws++);
    for (const Candidate& candidate : among) {
        below += candidate.probability;
        if (u < below) {
            drawn = candidate.id;
            break;
        }
    }
    m_seen[static_cast<std::size_t>(drawn)] = true;
    return drawn;
}

} // namespace headwater
