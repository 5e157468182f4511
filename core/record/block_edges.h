// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace headwater {

/// Kept blocks of a head: CSR over query blocks. Value: float as computed, std::uint16_t (binary16) as
/// stored. Shape: rowPtr [query blocks + 1], from 0; the others [edges]. Key blocks ascend inside a query
/// block.
template <class Value> struct BlockEdges {
    std::vector<std::uint32_t> rowPtr;
    std::vector<std::uint32_t> keyBlock;
    std::vector<Value> mass; ///< mean over the block's rows of the probability inside the block
    std::vector<Value> peak; ///< largest single probability inside the block
    std::vector<std::uint16_t> peakAt; ///< where it is: row << 8 | column, both inside the block

    std::size_t bytes() const
    {
        return (rowPtr.size() + keyBlock.size()) * 4 + (mass.size() + peak.size()) * sizeof(Value)
            + peakAt.size() * 2;
    }

    void reserve(std::size_t queryBlocks, std::size_t edges)
    {
        rowPtr.reserve(queryBlocks + 1);
        keyBlock.reserve(edges);
        mass.reserve(edges);
        peak.reserve(edges);
        peakAt.reserve(edges);
    }

    /// The edges of the query blocks that follow these.
    void append(const BlockEdges& next)
    {
        if (rowPtr.empty())
            rowPtr.push_back(0);
        const std::uint32_t before = rowPtr.back();
        for (std::size_t block = 1; block < next.rowPtr.size(); ++block)
            rowPtr.push_back(before + next.rowPtr[block]);
        keyBlock.insert(keyBlock.end(), next.keyBlock.begin(), next.keyBlock.end());
        mass.insert(mass.end(), next.mass.begin(), next.mass.end());
        peak.insert(peak.end(), next.peak.begin(), next.peak.end());
        peakAt.insert(peakAt.end(), next.peakAt.begin(), next.peakAt.end());
    }

    /// The edges of the query blocks [first, end).
    BlockEdges slice(std::uint32_t first, std::uint32_t end) const
    {
        const std::uint32_t begin = rowPtr[first];
        const auto part = [&](const auto& values) {
            using Values = std::remove_cvref_t<decltype(values)>;
            return Values(values.begin() + begin, values.begin() + rowPtr[end]);
        };
        BlockEdges edges{{}, part(keyBlock), part(mass), part(peak), part(peakAt)};
        edges.rowPtr.reserve(end - first + 1);
        for (std::uint32_t block = first; block <= end; ++block)
            edges.rowPtr.push_back(rowPtr[block] - begin);
        return edges;
    }
};

} // namespace headwater
