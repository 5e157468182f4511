// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/cell_row.h"

#include <cstdint>
#include <span>

namespace headwater {

/// Adds what a head's edges and recorded rows say to the rows of cells of one strip.
class EdgeCells {
public:
    /// `parts` must outlive this.
    EdgeCells(const StripParts& parts, const TileStrip& strip);

    /// Adds all rows of `cellRow`, counted from the map's first, to `row`.
    void addRow(std::uint64_t cellRow, CellRow& row) const;

private:
    /// Edges [first, end) of one query block.
    struct EdgeRange {
        std::size_t first = 0;
        std::size_t end = 0;
    };

    EdgeRange edgesInView(std::uint64_t queryBlock) const;
    void addWhole(const EdgeRange& range, CellRow& row) const;
    void addTouched(const EdgeRange& range, std::uint64_t queryBlock, std::uint64_t cellRow,
                    CellRow& row) const;
    void addPeak(std::size_t edge, std::uint64_t queryBlock, std::uint64_t cellRow, CellRow& row) const;
    void addRecorded(std::uint64_t firstRow, std::uint64_t endRow, CellRow& row) const;
    const TokenRow* recordedRow(std::uint64_t row) const;
    void addExact(std::uint64_t firstRow, std::uint64_t endRow, CellRow& row) const;

    const StripParts& m_parts;
    StripCells m_cells;
    bool m_isBelowBlocks;
    std::uint32_t m_keyShift; ///< key block k covers the tokens [k << m_keyShift, (k + 1) << m_keyShift)
    std::span<const std::uint8_t, 65536> m_codes;
    std::uint64_t m_firstBlock = 0; ///< key blocks that touch the strip: [m_firstBlock, m_endBlock)
    std::uint64_t m_endBlock = 0;
};

} // namespace headwater
