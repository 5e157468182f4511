// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/cpu_tensor.h"
#include "core/base/half.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// Keys or values of one KV head, or of all, as float32, a tile at a time: where they are kept so they are
/// read in place, where they are kept as binary16 a tile is converted, so that a long cache is never held
/// twice.
class FloatTiles {
public:
    /// Memory of one worker: one tile.
    struct Scratch {
        std::vector<float> rows; ///< [tile, width]
        std::vector<std::uint16_t> halves; ///< [width]
    };

    /// Of the columns [column, column + width) of `rows`, which outlives it. Rows before halfBefore are
    /// read as binary16 holds them.
    FloatTiles(const DeviceTensor& rows, std::size_t column, std::size_t width, std::uint32_t halfBefore = 0)
        : m_rows(rows)
        , m_column(column)
        , m_width(width)
        , m_halfBefore(halfBefore)
    {
    }

    /// Shape: [count, width], row-major with its own row stride.
    struct Tile {
        const float* rows;
        std::size_t stride;
    };

    /// Rows [first, first + count), valid until the next call with this scratch.
    Tile at(std::uint32_t first, std::uint32_t count, Scratch& scratch) const
    {
        const bool half = m_rows.type() == ElementType::F16;
        if (!half && first >= m_halfBefore)
            return {floatRow(m_rows, first) + m_column, m_rows.cols()};
        scratch.rows.resize(std::max(scratch.rows.size(), std::size_t{count} * m_width));
        if (half && m_width == m_rows.cols()) { // whole rows: one stretch of memory
            const std::size_t elements = std::size_t{count} * m_width;
            floatsFromHalves({halfRow(m_rows, first), elements}, {scratch.rows.data(), elements});
            return {scratch.rows.data(), m_width};
        }
        scratch.halves.resize(m_width);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::span<float> out(scratch.rows.data() + i * m_width, m_width);
            if (half) {
                floatsFromHalves({halfRow(m_rows, first + i) + m_column, m_width}, out);
                continue;
            }
            const std::span<const float> row(floatRow(m_rows, first + i) + m_column, m_width);
            if (first + i >= m_halfBefore) {
                std::copy(row.begin(), row.end(), out.begin());
                continue;
            }
            halvesFromFloats(row, scratch.halves);
            floatsFromHalves(scratch.halves, out);
        }
        return {scratch.rows.data(), m_width};
    }

private:
    const DeviceTensor& m_rows;
    std::size_t m_column;
    std::size_t m_width;
    std::uint32_t m_halfBefore;
};

} // namespace headwater
