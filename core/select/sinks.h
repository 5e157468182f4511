// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/tile_record.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Probability that comes into every token, summed over the rows that may read it; tiles are added in order.
/// Only heavy keys are counted (column_sums.h): a mean falls short of the truth by less than 3/64 and never
/// exceeds it.
class IncomingMass {
public:
    explicit IncomingMass(std::uint32_t seqLen)
        : m_sums(seqLen, 0.0)
    {
    }
    void add(const TileRecord& tile);

    /// sum over t >= j of p(t, j) / (rows t >= j).
    double mean(std::uint32_t token) const { return m_sums[token] / double(m_sums.size() - token); }
    /// Token 0 and every token whose mean exceeds the threshold, ascending. Only tokens that at least
    /// kLeastRows rows may read are judged: one of the last rows that reads itself would be a mean, too.
    static constexpr std::uint32_t kLeastRows = 64;
    std::vector<std::uint32_t> sinks(double threshold = 0.3) const;

private:
    std::vector<double> m_sums;
};

} // namespace headwater
