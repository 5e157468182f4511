// SPDX-License-Identifier: Apache-2.0
#include "core/select/probe_rows.h"

#include "core/select/k_means.h"
#include "core/select/keep_blocks.h"
#include "core/select/lanes.h"
#include "core/select/largest_sum.h"
#include "core/select/score_tile.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>

namespace headwater {

ProbePlan drawProbeRows(std::uint32_t seqLen, int layer, int head, std::uint64_t seed)
{
    ProbePlan plan;
    plan.seqLen = seqLen;
    const std::uint64_t place =
        std::uint64_t(static_cast<std::uint32_t>(layer)) << 32 | static_cast<std::uint32_t>(head);
    SeededRandom random(SeededRandom(seed).next() ^ SeededRandom(place).next());
    for (std::uint32_t stratum = 0; stratum < ProbePlan::kStrata; ++stratum) {
        std::vector<std::uint32_t> drawn =
            drawDistinct(plan.stratumSize(stratum), ProbePlan::kRowsAStratum, random);
        std::sort(drawn.begin(), drawn.end());
        for (const std::uint32_t row : drawn) {
            plan.rows.push_back(plan.stratumBegin(stratum) + row);
            plan.stratum.push_back(stratum);
        }
    }
    return plan;
}

void collectProbeRows(const ProbePlan& plan, const QueryTile& tile, std::uint32_t headDim,
                      std::span<float> queries)
{
    auto at = std::lower_bound(plan.rows.begin(), plan.rows.end(), tile.firstRow);
    for (; at != plan.rows.end() && *at < tile.firstRow + tile.numRows; ++at)
        std::copy_n(tile.rows + (*at - tile.firstRow) * tile.stride, headDim,
                    queries.begin() + (at - plan.rows.begin()) * std::ptrdiff_t(headDim));
}

namespace {

/// The rows of one group against all their keys. Shapes: R = kProbeGroup lanes a line; queries [R, d],
/// scores [kTileKeys, R], sums and peaks [blocks, R], references [key tiles, R].
struct Pass {
    std::uint32_t count = 0;
    std::uint32_t rows = 0; ///< count, padded
    std::uint32_t numBlocks = 0;
    std::vector<float> queries;
    std::vector<float> scores;
    std::vector<float> sums;
    std::vector<float> peaks;
    std::vector<float> references;
    std::vector<float> rowSum;
    std::vector<float> factor;
    std::vector<float> tokenZero;
};

/// Rows ascend, so those that may not read a key are the first lanes of its line.
void maskLaterKeys(std::span<const std::uint32_t> rows, std::uint32_t firstKey, std::uint32_t numKeys,
                   float* scores)
{
    for (std::uint32_t i = 0; i < numKeys; ++i) {
        const auto blind = std::lower_bound(rows.begin(), rows.end(), firstKey + i) - rows.begin();
        std::fill_n(scores + std::size_t(i) * kProbeGroup, blind, lanes::kMinusInfinity);
    }
}

void streamKeys(const HeadShape& shape, const KeyValues& head, std::span<const std::uint32_t> rows, Pass& p)
{
    const std::uint32_t blockK = shape.grid.blockK;
    const std::uint32_t end = rows.back() + 1;
    for (std::uint32_t key = 0; key < end; key += kTileKeys) {
        const std::uint32_t count = std::min(kTileKeys, end - key);
        const std::size_t at = p.references.size();
        p.references.resize(at + kProbeGroup, lanes::kMinusInfinity);
        float* const reference = p.references.data() + at;
        if (at > 0)
            std::copy(reference - kProbeGroup, reference, reference);
        scoreTile(head, key, count, p.queries.data(), p.rows, kProbeGroup, p.scores.data());
        maskLaterKeys(rows, key, count, p.scores.data());
        if (key == 0)
            std::copy_n(p.scores.begin(), kProbeGroup, p.tokenZero.begin());
        float* const peaks = p.peaks.data() + std::size_t(key / blockK) * kProbeGroup;
        blockMaxima(p.scores.data(), count, blockK, p.rows, kProbeGroup, peaks);
        if (raiseReference(peaks, (count + blockK - 1) / blockK, p.rows, kProbeGroup, reference,
                           p.factor.data()))
            scaleRows(p.rowSum.data(), 1, p.rows, kProbeGroup, p.factor.data());
        exponentiate(p.scores.data(), count, blockK, p.rows, kProbeGroup, reference,
                     p.sums.data() + std::size_t(key / blockK) * kProbeGroup, p.rowSum.data());
    }
}

/// One row's block masses, gathered from its lane.
ProbeRow rowOf(const HeadShape& shape, const HeadRecord& record, std::uint32_t row, std::uint32_t lane,
               const Pass& p, std::vector<float>& mass, LargestScratch& largest)
{
    ProbeRow probe;
    probe.row = row;
    const float last = p.references[p.references.size() - kProbeGroup + lane];
    const float sum = p.rowSum[lane];
    probe.lse = sum > 0 ? (last + std::log2(sum)) * lanes::kLn2 : lanes::kMinusInfinity;
    if (!(sum > 0))
        return probe;
    const std::uint32_t queryBlock = row / shape.grid.blockQ;
    const std::uint32_t blocks = row / shape.grid.blockK + 1;
    const std::uint32_t blocksPerTile = kTileKeys / shape.grid.blockK;
    const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
    mass.resize(blocks);
    std::uint32_t edge = record.rowPtr[queryBlock];
    const std::uint32_t endEdge = record.rowPtr[queryBlock + 1];
    double kept = 0;
    double missed = 0;
    double content = 0;
    float missedPeak = lanes::kMinusInfinity; // of the scores
    float weight = 0;
    for (std::uint32_t block = 0; block < blocks; ++block) {
        if (block % blocksPerTile == 0)
            weight =
                std::exp2(p.references[std::size_t(block / blocksPerTile) * kProbeGroup + lane] - last) / sum;
        mass[block] = p.sums[std::size_t(block) * kProbeGroup + lane] * weight;
        while (edge < endEdge && record.keyBlock[edge] < block)
            ++edge;
        if (edge < endEdge && record.keyBlock[edge] == block) {
            kept += double(mass[block]);
            if (!always.contains(block))
                content += double(mass[block]);
        } else {
            missed += double(mass[block]);
            missedPeak = std::max(missedPeak, p.peaks[std::size_t(block) * kProbeGroup + lane]);
        }
    }
    if (always.recent > 0) // otherwise block 0 is a recent or a diagonal block
        content += double(mass[0]) - double(std::exp2(p.tokenZero[lane] - last) / sum);
    probe.missedPeak = std::exp2(missedPeak - last) / sum;
    probe.kept = static_cast<float>(kept);
    probe.missed = static_cast<float>(missed);
    probe.content = static_cast<float>(std::max(0.0, content));
    const std::size_t most = std::min<std::size_t>(blocks, endEdge - record.rowPtr[queryBlock]);
    probe.best = static_cast<float>(sumOfLargest(mass, most, largest));
    return probe;
}

} // namespace

void probeGroup(const HeadShape& shape, const KeyValues& head, const ProbePlan& plan,
                std::span<const float> queries, const HeadRecord& record, std::uint32_t group,
                std::span<ProbeRow> out)
{
    const std::size_t first = std::size_t(group) * kProbeGroup;
    Pass p;
    p.count = static_cast<std::uint32_t>(std::min<std::size_t>(kProbeGroup, plan.rows.size() - first));
    p.rows = paddedRows(p.count);
    const std::span<const std::uint32_t> rows(plan.rows.data() + first, p.count);
    p.numBlocks = rows.back() / shape.grid.blockK + 1;
    p.queries.assign(std::size_t(kProbeGroup) * head.headDim, 0.0f);
    for (std::size_t i = 0; i < std::size_t(p.count) * head.headDim; ++i)
        p.queries[i] = queries[first * head.headDim + i] * lanes::kLog2E;
    p.scores.resize(std::size_t(kTileKeys) * kProbeGroup);
    p.sums.resize(std::size_t(p.numBlocks) * kProbeGroup);
    p.peaks.resize(p.sums.size());
    p.rowSum.assign(kProbeGroup, 0.0f);
    p.factor.assign(kProbeGroup, 1.0f);
    p.tokenZero.assign(kProbeGroup, lanes::kMinusInfinity);
    streamKeys(shape, head, rows, p);
    std::vector<float> mass;
    LargestScratch largest;
    for (std::uint32_t lane = 0; lane < p.count; ++lane)
        out[first + lane] = rowOf(shape, record, rows[lane], lane, p, mass, largest);
}

void takeProbes(const ProbePlan& plan, std::span<const ProbeRow> probes, HeadStatistics& statistics)
{
    statistics.probeRows = static_cast<std::uint32_t>(probes.size());
    if (probes.empty())
        return;
    std::vector<double> kept;
    std::vector<double> content;
    for (const ProbeRow& probe : probes) {
        kept.push_back(double(probe.kept));
        content.push_back(double(probe.content));
    }
    statistics.keptMass = stratifiedInterval(plan, kept);
    // Sums of floats: even the mean of rows that keep all may lie 1e-8 above 1.
    Interval& keptMass = statistics.keptMass;
    for (double* const share : {&keptMass.mean, &keptMass.lo, &keptMass.hi})
        *share = std::clamp(*share, 0.0, 1.0);
    statistics.contentMass = stratifiedInterval(plan, content).mean;
    std::sort(kept.begin(), kept.end());
    statistics.keptMassMin = kept.front();
    const auto rank = static_cast<std::size_t>(std::ceil(0.05 * static_cast<double>(kept.size())));
    statistics.keptMassP5 = kept[std::max<std::size_t>(rank, 1) - 1];
}

double studentQuantile(double degrees)
{
    // Cornish-Fisher expansion around the normal quantile (Abramowitz and Stegun 26.7.5).
    const double z = 1.959963984540054;
    const double z2 = z * z;
    const double g1 = z * (z2 + 1) / 4;
    const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    const double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

Interval stratifiedInterval(const ProbePlan& plan, std::span<const double> values)
{
    double sum[ProbePlan::kStrata] = {};
    double count[ProbePlan::kStrata] = {};
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum[plan.stratum[i]] += values[i];
        count[plan.stratum[i]] += 1;
    }
    double square[ProbePlan::kStrata] = {};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint32_t s = plan.stratum[i];
        const double step = values[i] - sum[s] / count[s];
        square[s] += step * step;
    }
    Interval interval;
    double variance = 0;
    double denominator = 0;
    for (std::uint32_t s = 0; s < ProbePlan::kStrata; ++s) {
        if (count[s] == 0)
            continue;
        const double size = plan.stratumSize(s);
        const double share = size / plan.seqLen;
        interval.mean += share * sum[s] / count[s];
        if (count[s] < 2 || count[s] >= size)
            continue;
        const double part = share * share * (1 - count[s] / size) * square[s] / (count[s] - 1) / count[s];
        variance += part;
        denominator += part * part / (count[s] - 1);
    }
    interval.lo = interval.hi = interval.mean;
    if (variance > 0 && denominator > 0) {
        const double half = studentQuantile(variance * variance / denominator) * std::sqrt(variance);
        interval.lo -= half;
        interval.hi += half;
    }
    return interval;
}

} // namespace headwater
