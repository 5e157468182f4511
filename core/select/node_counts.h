// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/content_tree.h"
#include "core/select/head_tile.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// One row of a tile that looks at a node, and where the node stands among the row's live nodes.
struct RowSlot {
    std::uint32_t row = 0;
    std::uint32_t slot = 0;
};

/// The rows of one tile by node: a counting sort, rows ascending inside a node.
class RowGroups {
public:
    /// live: [rows, stride] node numbers below numNodes, numLive: [rows].
    void build(std::uint32_t numNodes, std::uint32_t rows, const std::uint32_t* live, std::uint32_t stride,
               const std::uint32_t* numLive);
    std::span<const RowSlot> of(std::uint32_t node) const
    {
        return {m_members.data() + m_offset[node], m_members.data() + m_offset[node + 1]};
    }

    /// The first node from `node` on that has rows; the number of nodes where none has.
    std::uint32_t next(std::uint32_t node) const
    {
        while (node + 1 < m_offset.size() && m_offset[node] == m_offset[node + 1])
            ++node;
        return node;
    }

private:
    std::vector<std::uint32_t> m_offset;
    std::vector<RowSlot> m_members;
};

/// How many keys of every child of one node lie before the end of each query block of a tile.
class NodeCounts {
public:
    /// Cost: a binary search a child, and a step for each of its keys inside the tile.
    void count(const BlockGrid& grid, const QueryTile& tile, const TreeLevel& nodes, std::uint32_t parent,
               std::uint32_t branching, std::uint32_t lanes);
    /// Shape: [lanes]; counts 0 and log2 -infinity where a child has no such key and in the padding.
    const float* counts(std::uint32_t queryBlockOfTile) const
    {
        return m_counts.data() + queryBlockOfTile * m_lanes;
    }
    const float* log2Counts(std::uint32_t queryBlockOfTile) const
    {
        return m_logs.data() + queryBlockOfTile * m_lanes;
    }

private:
    std::uint32_t m_lanes = 0;
    std::vector<float> m_counts;
    std::vector<float> m_logs;
    std::vector<std::uint32_t> m_added; ///< keys inside each query block of the tile
};

/// out = a + b, n a multiple of 16.
void addLines(const float* a, const float* b, std::uint32_t n, float* out);

/// log2(2^a + 2^b).
float log2Add(float a, float b);

} // namespace headwater
