// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/minimap_picture.h"

#include "core/base/log_code.h"
#include "ui/map/colour_lut.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

/// The cells of an overview, read as one mode shows them.
class Cells {
public:
    Cells(const Overview& overview, const CellMask& mask, MapMode mode)
        : m_overview(overview)
        , m_mask(mask)
        , m_mode(mode)
    {
        for (std::size_t code = 0; code < m_counts.size(); ++code)
            m_counts[code] = countOfCode(static_cast<std::uint8_t>(code));
    }

    struct Pooled {
        bool hidden = true; ///< all of them
        std::uint8_t code = 0;
    };

    /// Of the cells [rowBegin, rowEnd) × [colBegin, colEnd).
    Pooled pool(std::uint32_t rowBegin, std::uint32_t rowEnd, std::uint32_t colBegin,
                std::uint32_t colEnd) const
    {
        Pooled pooled;
        double sum = 0;
        for (std::uint32_t row = rowBegin; row < rowEnd; ++row) {
            for (std::uint32_t col = colBegin; col < colEnd; ++col) {
                if (m_mask.hides(row, col))
                    continue;
                pooled.hidden = false;
                const std::size_t at = std::size_t{row} * m_overview.side + col;
                if (m_mode == MapMode::Count)
                    sum += m_counts[m_overview.count[at]];
                else
                    pooled.code = std::max(
                        pooled.code, m_mode == MapMode::Missed ? m_overview.missed[row] : m_overview.max[at]);
            }
        }
        if (m_mode == MapMode::Count)
            pooled.code = countCode(static_cast<std::uint64_t>(std::llround(sum)));
        return pooled;
    }

private:
    const Overview& m_overview;
    const CellMask& m_mask;
    MapMode m_mode;
    std::array<double, 256> m_counts{};
};

} // namespace

QImage minimapPicture(const Overview& overview, const BlockGrid& grid, const CellMask& mask, MapMode mode,
                      const ColourScale& colours, const Theme& theme, int pixels)
{
    // Only the cells that hold tokens: an overview's side is a power of two.
    const std::uint64_t cell = std::uint64_t{1} << overview.level;
    const std::uint64_t used =
        std::clamp<std::uint64_t>((grid.seqLen + cell - 1) >> overview.level, 1, overview.side);
    const double tokens =
        static_cast<double>(used * cell) / std::min<double>(pixels, static_cast<double>(used));
    const double capacity =
        std::max(1.0, tokens / std::max(1U, grid.blockQ)) * std::max(1.0, tokens / std::max(1U, grid.blockK));
    const ColourLut lut = makeColourLut(colours, mode, capacity, theme);
    const Cells cells(overview, mask, mode);
    const auto first = [used, pixels](int pixel) {
        return static_cast<std::uint32_t>(static_cast<std::uint64_t>(pixel) * used
                                          / static_cast<std::uint64_t>(pixels));
    };
    QImage picture(pixels, pixels, QImage::Format_RGB32);
    for (int y = 0; y < pixels; ++y) {
        QRgb* out = reinterpret_cast<QRgb*>(picture.scanLine(y));
        std::fill_n(out, pixels, lut.background);
        for (int x = 0; x <= y; ++x) {
            const Cells::Pooled pooled = cells.pool(first(y), std::max(first(y) + 1, first(y + 1)), first(x),
                                                    std::max(first(x) + 1, first(x + 1)));
            const bool unknown = mode == MapMode::Missed && pooled.code == kUnknownCode;
            out[x] = pooled.hidden ? lut.masked
                : unknown          ? ((x + y) % 8 < 2 ? lut.hatch : lut.masked)
                                   : lut.ofCode[pooled.code];
        }
    }
    return picture;
}

} // namespace headwater
