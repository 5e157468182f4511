// SPDX-License-Identifier: Apache-2.0
#include "core/select/head_statistics.h"

#include "core/select/keep_blocks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// The value below which a share of the sorted values lies (the smallest with at least that share at or below
/// it).
double quantile(std::vector<double>& values, double share)
{
    if (values.empty())
        return kUnknown;
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto at = values.begin() + std::ptrdiff_t(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

double plogp(double p)
{
    return p > 0 ? -p * std::log(p) : 0.0;
}

void trueKeptMass(const HeadRecord& record, HeadStatistics& statistics)
{
    std::vector<double> kept;
    kept.reserve(record.missed.size());
    for (const float missed : record.missed)
        kept.push_back(1 - double(missed));
    statistics.keptMassMin = kept.empty() ? kUnknown : *std::min_element(kept.begin(), kept.end());
    statistics.keptMassP5 = quantile(kept, 0.05);
}

void probedKeptMass(const ProbePlan& plan, std::span<const ProbeRow> probes, HeadStatistics& statistics)
{
    statistics.keptMass = {kUnknown, kUnknown, kUnknown};
    statistics.keptMassP5 = statistics.keptMassMin = statistics.contentMass = kUnknown;
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
    statistics.keptMassMin = *std::min_element(kept.begin(), kept.end());
    statistics.keptMassP5 = quantile(kept, 0.05);
}

} // namespace

double meanDistanceOf(const HeadShape& shape, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const double firstRow = shape.grid.firstRow(queryBlock);
    const double endRow = shape.grid.endRow(queryBlock);
    const double firstKey = keyBlock * shape.grid.blockK;
    const double endKey = std::min(keyBlock * shape.grid.blockK + shape.grid.blockK, shape.grid.seqLen);
    if (shape.window == 0 && endKey <= firstRow + 1)
        return (firstRow + endRow - firstKey - endKey) / 2;
    double sum = 0;
    double pairs = 0;
    for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock); ++row) {
        const double from = std::max<double>(firstKey, shape.firstKey(row));
        const double to = std::min<double>(endKey, row + 1.0);
        if (to <= from)
            continue;
        pairs += to - from;
        sum += (to - from) * (row - (from + to - 1) / 2);
    }
    return pairs > 0 ? sum / pairs : 0.0;
}

HeadStatistics headStatistics(const HeadShape& shape, const HeadRecord& record, const ProbePlan& plan,
                              std::span<const ProbeRow> probes)
{
    HeadStatistics statistics;
    const bool isTrue = record.normaliser == Normaliser::Exact;
    const double rows = record.numRows;
    double kept = 0;
    double content = 0;
    double zeroBlock = 0; // mass of block 0 where it counts as content but for token 0
    for (std::uint32_t queryBlock = 0; queryBlock + 1 < record.rowPtr.size(); ++queryBlock) {
        const std::uint32_t firstRow = shape.grid.firstRow(queryBlock);
        const std::uint32_t endRow = shape.grid.endRow(queryBlock);
        const double share = (endRow - firstRow) / rows;
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        double entropy = 0;
        for (std::uint32_t edge = record.rowPtr[queryBlock]; edge < record.rowPtr[queryBlock + 1]; ++edge) {
            const std::uint32_t block = record.keyBlock[edge];
            const double mass = double(record.mass[edge]);
            kept += share * mass;
            entropy += plogp(mass);
            if (block == 0)
                statistics.sinkShare += share * mass;
            if (block == 0 && always.recent > 0)
                zeroBlock += share * mass;
            if (!always.contains(block))
                content += share * mass;
            statistics.meanDistance += share * mass * meanDistanceOf(shape, queryBlock, block);
        }
        double missed = 0;
        for (std::uint32_t row = firstRow; isTrue && row < endRow; ++row)
            missed += double(record.missed[row]) / (endRow - firstRow);
        statistics.entropy += share * (entropy + plogp(missed));
    }
    if (isTrue) {
        statistics.keptMass = {kept, kept, kept};
        trueKeptMass(record, statistics);
        statistics.contentMass = content + std::max(0.0, zeroBlock - record.tokenZeroFar / rows);
    } else {
        probedKeptMass(plan, probes, statistics);
    }
    if (record.kind == HeadKind::Sliding)
        statistics.contentMass = 0;
    statistics.density = record.usablePairs > 0
        ? static_cast<double>(record.keptPairs) / static_cast<double>(record.usablePairs)
        : kUnknown;
    return statistics;
}

} // namespace headwater
