// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

namespace headwater {

/// How a head's T × T square is cut: query blocks of `blockQ` rows, key blocks of `blockK` columns
/// (powers of two, 4 to 256). The last block of each axis may be shorter.
struct BlockGrid {
    std::uint32_t seqLen = 0;
    std::uint32_t blockQ = 0;
    std::uint32_t blockK = 0;

    std::uint32_t numQueryBlocks() const { return (seqLen + blockQ - 1) / blockQ; }
    std::uint32_t numKeyBlocks() const { return (seqLen + blockK - 1) / blockK; }
    /// Rows of query block i, and the key blocks its last row may read: [0, numCausalKeyBlocks(i)).
    std::uint32_t firstRow(std::uint32_t queryBlock) const { return queryBlock * blockQ; }
    std::uint32_t endRow(std::uint32_t queryBlock) const
    {
        return std::min(seqLen, (queryBlock + 1) * blockQ);
    }
    std::uint32_t numCausalKeyBlocks(std::uint32_t queryBlock) const
    {
        return (endRow(queryBlock) - 1) / blockK + 1;
    }
};

/// The default block sizes for a prompt of `seqLen` tokens (DESIGN §3): 8/8 up to 4 096, 16/16 up to 32 768,
/// 64/32 beyond.
inline BlockGrid defaultGrid(std::uint32_t seqLen)
{
    if (seqLen <= 4096)
        return {seqLen, 8, 8};
    if (seqLen <= 32768)
        return {seqLen, 16, 16};
    return {seqLen, 64, 32};
}

} // namespace headwater
