// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/overview_shape.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// A coarse picture of what a head reads for its content: each cell the mean, over its rows, of the
/// probability that they give to its keys outside token 0, the diagonal and the recent block. Cells as in the
/// trace's smallest overview. Grows with the sequence: cells join four to one where the picture becomes
/// coarser.
class ContentPlane {
public:
    explicit ContentPlane(const BlockGrid& grid);

    /// The sequence has become this long.
    void grow(const BlockGrid& grid);

    /// Probability, summed over the rows of a query block, that they give to content in a key block.
    void add(const BlockGrid& grid, std::uint32_t queryBlock, std::uint32_t keyBlock, double sum);

    OverviewShape shape() const { return m_shape; }
    /// Log codes (core/base/log_code.h) of the cells' means, row-major; 0: nothing. Shape: [side, side].
    std::vector<std::uint8_t> codes(std::uint32_t seqLen) const;

private:
    OverviewShape m_shape;
    std::vector<float> m_sums; ///< [kThumbnailSide, kThumbnailSide], of the picture's top left part
};

} // namespace headwater
