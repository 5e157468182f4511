// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/keep_blocks.h"
#include "core/select/tile_record.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// What one tile's rows give to every key block from `firstKey` on: probability in the block and its largest
/// single one. Filled block by block while the scores stream by (as sums relative to a running reference and
/// as largest scores), then normalised, pruned by the rule and written to the record, in that order.
class TileMasses {
public:
    /// firstKey: multiple of kTileKeys; the blocks run to the tile's last row.
    void reset(const HeadShape& shape, const QueryTile& tile, std::uint32_t firstKey);

    std::uint32_t firstKey() const { return m_firstBlock * m_shape.grid.blockK; }
    std::uint32_t firstBlock() const { return m_firstBlock; }
    std::uint32_t numBlocks() const { return m_numBlocks; }
    /// Shape: [blocks from `block` on, kTileRows]. sums: of powers relative to the key tile's reference;
    /// peaks: scores.
    float* sums(std::uint32_t block) { return m_sums.data() + std::size_t(block - m_firstBlock) * kTileRows; }
    float* peaks(std::uint32_t block)
    {
        return m_peaks.data() + std::size_t(block - m_firstBlock) * kTileRows;
    }

    /// Turns sums and peaks into probabilities. references: [key tiles, kTileRows]; rowSum: [kTileRows],
    /// relative to the last reference. Writes record.lse (nat) and the block means.
    void normalise(std::span<const float> references, std::span<const float> rowSum, TileRecord& record);
    /// Row log-sum-exp in units of log 2; +infinity for rows that do not exist or saw no key.
    const std::vector<float>& lse2() const { return m_lse2; }
    /// Mean over the rows of a query block of the probability in each block, from firstBlock on.
    std::span<const float> blockMass(std::uint32_t queryBlockOfTile) const;

    /// Fills the record's mask, mass, peak and pair counts.
    void keep(const KeepRule& rule, TileRecord& record);
    /// Fills kept, missed and missedPeak of every row, each added up by itself.
    void recordRows(TileRecord& record) const;
    /// Fills peakAt: the first row that may read the block with its largest probability, and the first key
    /// with that row's largest score (computed again from `queries`, the packed rows). Where all of it
    /// underflows to 0, that is still a pair that exists. Cost: kept blocks · blockK · headDim.
    void recordPeaks(const KeyValues& head, const float* queries, TileRecord& record) const;

private:
    std::uint32_t numQueryBlocks() const;
    void keepQueryBlock(std::uint32_t inTile, const KeepRule& rule, TileRecord& record);
    std::vector<std::uint8_t> keptCodes(const BlockMask& mask) const;

    HeadShape m_shape;
    QueryTile m_tile;
    std::uint32_t m_firstBlock = 0;
    std::uint32_t m_numBlocks = 0;
    std::vector<float> m_sums;
    std::vector<float> m_peaks;
    std::vector<float> m_lse2;
    std::vector<float> m_blockMass; ///< [query blocks of the tile, blocks]
    std::vector<float> m_blockPeak;
    std::vector<std::uint32_t> m_kept;
};

} // namespace headwater
