// SPDX-License-Identifier: Apache-2.0
#include "core/record/global_heads.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {
namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

} // namespace

void GlobalHeads::add(std::uint32_t rows, Normaliser normaliser, const HeadStatistics& statistics,
                      const PairCounts& pairs)
{
    const Interval& kept = statistics.keptMass;
    const double half = std::max(kept.hi - kept.mean, kept.mean - kept.lo);
    const double weight = rows;
    ++m_count;
    m_unknown += std::isnan(kept.mean) ? 1 : 0;
    m_rows += weight;
    m_kept += weight * kept.mean;
    m_content += weight * statistics.contentMass;
    m_usablePairs += pairs.usable;
    m_keptPairs += pairs.kept;
    if (normaliser == Normaliser::Exact)
        return;
    m_squares += std::pow(weight * half, 2);
    m_isSampled = m_isSampled || !(kept.lo >= kept.hi);
    m_probeRows = std::min(m_probeRows.value_or(statistics.probeRows), statistics.probeRows);
}

Interval GlobalHeads::keptMass() const
{
    if (m_rows == 0 || !std::isfinite(m_kept))
        return {kNotKnown, kNotKnown, kNotKnown};
    const double mean = m_kept / m_rows;
    // An unknown width is not none.
    const double half = m_isSampled ? std::sqrt(m_squares) / m_rows : 0;
    if (std::isnan(half))
        return {mean, kNotKnown, kNotKnown};
    return {mean, std::max(0.0, mean - half), std::min(1.0, mean + half)};
}

double GlobalHeads::contentMass() const
{
    return m_rows == 0 || !std::isfinite(m_kept) ? kNotKnown : m_content / m_rows;
}

double GlobalHeads::keptFraction() const
{
    return m_usablePairs == 0 ? kNotKnown
                              : static_cast<double>(m_keptPairs) / static_cast<double>(m_usablePairs);
}

} // namespace headwater
