// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"
#include "core/trace/trace_types.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace headwater::testing {

/// One edge in plain words, before it is packed.
struct PlainEdge {
    std::uint32_t queryBlock = 0;
    std::uint32_t keyBlock = 0;
    float mass = 0;
    float peak = 0;
    std::uint32_t peakRow = 0; ///< inside the block
    std::uint32_t peakCol = 0;
};

/// CSR of edges sorted by (query block, key block).
inline HeadEdges packEdges(const BlockGrid& grid, std::vector<PlainEdge> plain)
{
    std::sort(plain.begin(), plain.end(), [](const PlainEdge& a, const PlainEdge& b) {
        return std::pair(a.queryBlock, a.keyBlock) < std::pair(b.queryBlock, b.keyBlock);
    });
    HeadEdges edges;
    edges.grid = grid;
    edges.rowPtr.assign(std::size_t{grid.numQueryBlocks()} + 1, 0);
    for (const PlainEdge& edge : plain) {
        ++edges.rowPtr[edge.queryBlock + 1];
        edges.keyBlock.push_back(edge.keyBlock);
        edges.mass.push_back(halfFromFloat(edge.mass));
        edges.peak.push_back(halfFromFloat(edge.peak));
        edges.peakAt.push_back(static_cast<std::uint16_t>(edge.peakRow << 8 | edge.peakCol));
    }
    for (std::size_t i = 1; i < edges.rowPtr.size(); ++i)
        edges.rowPtr[i] += edges.rowPtr[i - 1];
    return edges;
}

/// An edge at a random causal token pair, peak between 2^-20 and 1.
inline PlainEdge randomEdge(const BlockGrid& grid, std::mt19937_64& random)
{
    const auto query = static_cast<std::uint32_t>(random() % grid.seqLen);
    const auto key = static_cast<std::uint32_t>(random() % (query + 1));
    const float peak = std::exp2(-static_cast<float>(random() % 20000) / 1000.0f);
    return {query / grid.blockQ, key / grid.blockK, peak / 2, peak, query % grid.blockQ, key % grid.blockK};
}

/// `count` edges in different blocks.
inline std::vector<PlainEdge> randomEdges(const BlockGrid& grid, std::size_t count, std::mt19937_64& random)
{
    std::vector<PlainEdge> plain;
    std::set<std::pair<std::uint32_t, std::uint32_t>> taken;
    for (std::size_t tries = 0; plain.size() < count && tries < 20 * count; ++tries) {
        const PlainEdge edge = randomEdge(grid, random);
        if (taken.emplace(edge.queryBlock, edge.keyBlock).second)
            plain.push_back(edge);
    }
    return plain;
}

} // namespace headwater::testing
