// SPDX-License-Identifier: Apache-2.0
#include "core/select/node_counts.h"

#include "core/select/lanes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {
namespace {

/// log2 of a count, from a table for the small ones.
float log2OfCount(std::uint32_t count)
{
    static const std::array<float, 4096> table = [] {
        std::array<float, 4096> logs;
        logs[0] = lanes::kMinusInfinity;
        for (std::uint32_t i = 1; i < logs.size(); ++i)
            logs[i] = static_cast<float>(std::log2(static_cast<double>(i)));
        return logs;
    }();
    return count < table.size() ? table[count] : static_cast<float>(std::log2(static_cast<double>(count)));
}

} // namespace

void RowGroups::build(std::uint32_t numNodes, std::uint32_t rows, const std::uint32_t* live,
                      std::uint32_t stride, const std::uint32_t* numLive)
{
    m_offset.assign(numNodes + 1, 0);
    for (std::uint32_t row = 0; row < rows; ++row)
        for (std::uint32_t slot = 0; slot < numLive[row]; ++slot)
            ++m_offset[live[std::size_t(row) * stride + slot] + 1];
    for (std::uint32_t node = 0; node < numNodes; ++node)
        m_offset[node + 1] += m_offset[node];
    m_members.resize(m_offset[numNodes]);
    for (std::uint32_t row = 0; row < rows; ++row)
        for (std::uint32_t slot = 0; slot < numLive[row]; ++slot)
            m_members[m_offset[live[std::size_t(row) * stride + slot]]++] = {row, slot};
    for (std::uint32_t node = numNodes; node > 0; --node)
        m_offset[node] = m_offset[node - 1];
    m_offset[0] = 0;
}

void NodeCounts::count(const BlockGrid& grid, const QueryTile& tile, const TreeLevel& nodes,
                       std::uint32_t parent, std::uint32_t branching, std::uint32_t lanes)
{
    const std::uint32_t queryBlocks = (tile.numRows + grid.blockQ - 1) / grid.blockQ;
    const std::uint32_t endRow = tile.firstRow + tile.numRows;
    m_lanes = lanes;
    m_counts.assign(std::size_t(queryBlocks) * lanes, 0.0f);
    m_logs.assign(std::size_t(queryBlocks) * lanes, lanes::kMinusInfinity);
    for (std::uint32_t child = 0; child < branching; ++child) {
        const std::uint32_t node = parent * branching + child;
        const std::uint32_t* const begin = nodes.members.data() + nodes.offset[node];
        const std::uint32_t* const end = nodes.members.data() + nodes.offset[node + 1];
        if (begin == end)
            continue;
        const std::uint32_t* at = end[-1] < tile.firstRow ? end : std::lower_bound(begin, end, tile.firstRow);
        m_added.assign(queryBlocks, 0);
        std::uint32_t count = static_cast<std::uint32_t>(at - begin);
        for (; at < end && *at < endRow; ++at)
            ++m_added[(*at - tile.firstRow) / grid.blockQ];
        float log = log2OfCount(count);
        for (std::uint32_t queryBlock = 0; queryBlock < queryBlocks; ++queryBlock) {
            if (m_added[queryBlock] > 0) {
                count += m_added[queryBlock];
                log = log2OfCount(count);
            }
            m_counts[std::size_t(queryBlock) * lanes + child] = static_cast<float>(count);
            m_logs[std::size_t(queryBlock) * lanes + child] = log;
        }
    }
}

HEADWATER_LANE_KERNEL
void addLines(const float* a, const float* b, std::uint32_t n, float* out)
{
    for (std::uint32_t i = 0; i < n; i += lanes::kLanes) {
        lanes::F16 x;
        lanes::F16 y;
        lanes::load(a + i, x);
        lanes::load(b + i, y);
        lanes::store(out + i, x + y);
    }
}

float log2Add(float a, float b)
{
    const float top = std::max(a, b);
    if (!(top > lanes::kMinusInfinity))
        return lanes::kMinusInfinity;
    return top + std::log2(1.0f + std::exp2(std::min(a, b) - top));
}

} // namespace headwater
