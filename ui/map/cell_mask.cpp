// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/cell_mask.h"

#include <algorithm>

namespace headwater {

CellMask::CellMask(const BlockGrid& grid, std::uint32_t level, MapMode mode, const VisualMask& mask,
                   std::span<const std::uint32_t> sinks)
    : m_grid(grid)
    , m_level(level)
    , m_diagonal(mask.diagonal && mode != MapMode::Missed && grid.blockQ > 0 && grid.blockK > 0)
{
    if (!mask.sinks || mode == MapMode::Missed || grid.blockK == 0)
        return;
    for (const std::uint32_t sink : sinks) {
        const std::uint32_t begin = sink / grid.blockK * grid.blockK;
        m_sinks.emplace_back(begin >> level, (begin + grid.blockK - 1) >> level);
    }
}

std::uint32_t CellMask::hiddenFrom(std::uint32_t cellRow) const
{
    if (!m_diagonal)
        return ~0U;
    const std::uint32_t firstRow = (cellRow << m_level) / m_grid.blockQ * m_grid.blockQ;
    const std::uint32_t diagonal = firstRow / m_grid.blockK;
    const std::uint32_t recent = diagonal > 0 ? diagonal - 1 : 0;
    return (recent * m_grid.blockK) >> m_level;
}

bool CellMask::isSink(std::uint32_t cellCol) const
{
    return std::any_of(m_sinks.begin(), m_sinks.end(), [cellCol](const auto& cells) {
        return cellCol >= cells.first && cellCol <= cells.second;
    });
}

} // namespace headwater
