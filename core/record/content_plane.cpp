// SPDX-License-Identifier: Apache-2.0
#include "core/record/content_plane.h"

#include "core/base/log_code.h"

#include <algorithm>

namespace headwater {
namespace {

std::size_t at(std::uint32_t row, std::uint32_t column)
{
    return std::size_t{row} * kThumbnailSide + column;
}

/// Every four cells as one.
std::vector<float> coarser(const std::vector<float>& sums)
{
    std::vector<float> joined(sums.size());
    for (std::uint32_t row = 0; row < kThumbnailSide; ++row) {
        for (std::uint32_t column = 0; column < kThumbnailSide; ++column)
            joined[at(row / 2, column / 2)] += sums[at(row, column)];
    }
    return joined;
}

} // namespace

ContentPlane::ContentPlane(const BlockGrid& grid)
    : m_shape(overviewShapes(grid).front())
    , m_sums(std::size_t{kThumbnailSide} * kThumbnailSide)
{
}

void ContentPlane::grow(const BlockGrid& grid)
{
    const OverviewShape shape = overviewShapes(grid).front();
    for (; m_shape.level < shape.level; ++m_shape.level)
        m_sums = coarser(m_sums);
    m_shape = shape;
}

void ContentPlane::add(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keyBlock, double sum)
{
    const std::uint32_t row = grid.firstRow(queryBlock) >> m_shape.level;
    const std::uint32_t column = keyBlock * grid.blockK >> m_shape.level;
    m_sums[at(row, column)] += static_cast<float>(sum);
}

std::vector<std::uint8_t> ContentPlane::codes(std::uint32_t seqLen) const
{
    std::vector<std::uint8_t> codes;
    codes.reserve(std::size_t{m_shape.side} * m_shape.side);
    for (std::uint32_t row = 0; row < m_shape.side; ++row) {
        const std::uint32_t first = std::min(seqLen, row << m_shape.level);
        const std::uint32_t rows = std::min(seqLen, (row + 1) << m_shape.level) - first;
        for (std::uint32_t column = 0; column < m_shape.side; ++column) {
            const float sum = m_sums[at(row, column)];
            codes.push_back(sum > 0 && rows > 0 ? probabilityCode(sum / static_cast<float>(rows)) : 0);
        }
    }
    return codes;
}

} // namespace headwater
