// SPDX-License-Identifier: Apache-2.0
#include "core/select/sinks.h"

namespace headwater {

void IncomingMass::add(const TileRecord& tile)
{
    for (const ColumnSum& column : tile.columns)
        m_sums[column.key] += column.sum;
}

std::vector<std::uint32_t> IncomingMass::sinks(double threshold) const
{
    std::vector<std::uint32_t> tokens;
    for (std::uint32_t token = 0; token < m_sums.size(); ++token) {
        const bool isJudged = m_sums.size() - token >= kLeastRows;
        if (token == 0 || (isJudged && mean(token) > threshold))
            tokens.push_back(token);
    }
    return tokens;
}

} // namespace headwater
