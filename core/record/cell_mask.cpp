// SPDX-License-Identifier: Apache-2.0
#include "core/record/cell_mask.h"

#include "core/record/head_shape.h"

#include <algorithm>

namespace headwater {

CellMask::CellMask(const BlockGrid& grid, std::uint32_t level, std::span<const std::uint32_t> sinks,
                   bool hidesRecent)
    : m_grid(grid)
    , m_level(level)
    , m_hidesRecent(hidesRecent && grid.blockQ > 0 && grid.blockK > 0)
{
    if (grid.blockK == 0)
        return;
    std::vector<std::uint32_t> blocks(sinks.begin(), sinks.end());
    for (std::uint32_t& sink : blocks)
        sink /= grid.blockK;
    std::sort(blocks.begin(), blocks.end());
    for (const std::uint32_t block : blocks) {
        const std::uint32_t first = (block * grid.blockK) >> level;
        const std::uint32_t last = (block * grid.blockK + grid.blockK - 1) >> level;
        if (!m_sinks.empty() && first <= m_sinks.back().second)
            m_sinks.back().second = last;
        else
            m_sinks.emplace_back(first, last);
    }
}

std::uint32_t CellMask::hiddenFrom(std::uint32_t cellRow) const
{
    if (!m_hidesRecent)
        return ~0U;
    const std::uint32_t queryBlock = (cellRow << m_level) / m_grid.blockQ;
    return (alwaysKept(m_grid, queryBlock).recent * m_grid.blockK) >> m_level;
}

bool CellMask::isSink(std::uint32_t cellCol) const
{
    const auto found =
        std::lower_bound(m_sinks.begin(), m_sinks.end(), cellCol,
                         [](const auto& cells, std::uint32_t column) { return cells.second < column; });
    return found != m_sinks.end() && found->first <= cellCol;
}

} // namespace headwater
