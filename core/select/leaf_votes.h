// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/content_tree.h"
#include "core/select/head_tile.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// The leaves that the rows of one tile open, and what their keys then vote into the key blocks.
class LeafVotes {
public:
    /// Starts a tile without any open leaf.
    void begin(std::uint32_t numLeaves);
    /// Rows come in ascending order.
    void open(std::uint32_t row, std::uint32_t leaf);

    /// Exact scores of the opened keys, causal, normalised by themselves and the rest (log2), summed by query
    /// block and key block. features: [rows, 2 · headDim], the row times log2 e first; rest: [rows].
    /// Cost: opened keys · headDim multiply-adds; memory: 4 bytes an opened key.
    void vote(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile, const float* features,
              const float* rest);

    /// Shape: [key blocks up to the tile's end].
    std::span<const float> mass(std::uint32_t queryBlockOfTile) const
    {
        return {m_mass.data() + std::size_t(queryBlockOfTile) * m_numBlocks, m_numBlocks};
    }

private:
    struct Opened {
        std::uint32_t row;
        std::uint32_t leaf;
    };
    void prepare(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile);
    void group();
    void scoreLeaf(const ContentTree& tree, const QueryTile& tile, const float* features, std::uint32_t leaf);
    void normalise(const QueryTile& tile, const float* rest);
    void voteLeaf(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile, std::uint32_t leaf);

    std::uint32_t m_numBlocks = 0;
    std::vector<Opened> m_opened;
    std::vector<std::uint32_t> m_offset; ///< [leaves + 1] into m_rows
    std::vector<std::uint32_t> m_rows;
    std::vector<const float*> m_rowPointers;
    std::vector<std::uint32_t> m_readable; ///< [rows of the leaf at hand]: keys of the leaf the row may read
    std::vector<std::size_t> m_scoresAt; ///< [leaves]
    std::vector<float> m_scores; ///< powers relative to m_factor's reference, leaf by leaf, row by row
    std::vector<float>
        m_factor; ///< [opened]: first the row's reference at the time, then what makes it a probability
    std::vector<float> m_reference; ///< [rows]: running reference, then the row's log-sum-exp
    std::vector<float> m_sums; ///< [rows, 16]: running sums, a lane each
    std::vector<float> m_line;
    std::vector<float> m_mass; ///< [query blocks of the tile, m_numBlocks]
};

} // namespace headwater
