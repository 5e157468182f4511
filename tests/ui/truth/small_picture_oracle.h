// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "cell_numbers.h"
#include "ui/map/colour_lut.h"

#include <QImage>
#include <fmt/format.h>
#include <map>

namespace headwater::test {

/// Reads a whole map that is drawn small (minimap, thumbnail): every pixel the largest of the cells that it
/// covers.
class SmallPictureOracle {
public:
    /// `numbers`: of the cells that the picture is made of; `least`: the smallest code that is a number.
    SmallPictureOracle(const ColourLut& colours, CellNumbers numbers, int least)
        : m_colours(colours)
        , m_numbers(std::move(numbers))
    {
        for (int code = least; code < 256; ++code)
            m_codes[colours.ofCode[static_cast<std::size_t>(code)]].push_back(code);
    }

    /// The first lie of a square picture; empty where there is none. `hatchPeriod`, `hatchWidth`: where all
    /// is unknown, pixels from line to line and of one line; else 0.
    std::string findLie(const QImage& image, int hatchPeriod = 0, int hatchWidth = 0) const
    {
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const std::string lie = hatchPeriod > 0
                    ? lieOfUnknown(x, y, image, (x + y) % hatchPeriod < hatchWidth)
                    : lieOf(x, y, image);
                if (!lie.empty())
                    return fmt::format("pixel ({}, {}) is {:06x}: {}", x, y, image.pixel(x, y) & 0xFFFFFF,
                                       lie);
            }
        }
        return {};
    }

private:
    struct Span {
        std::int64_t begin;
        std::int64_t end;
    };
    Span cellsOf(int pixel, int pixels) const
    {
        const std::int64_t begin = pixel * m_numbers.cells() / pixels;
        return {begin, std::max(begin + 1, (pixel + 1) * m_numbers.cells() / pixels)};
    }

    std::string lieOf(int x, int y, const QImage& image) const
    {
        const Span rows = cellsOf(y, image.height());
        const Span cols = cellsOf(x, image.width());
        const QRgb colour = image.pixel(x, y);
        Codes::Largest largest;
        bool isHeld = false;
        const auto drawn = m_codes.find(colour);
        for (std::int64_t row = rows.begin; row < rows.end; ++row)
            for (std::int64_t col = cols.begin; col < cols.end && col <= row; ++col)
                largest.add(m_numbers.at(row, col));
        for (std::int64_t row = rows.begin; row < rows.end; ++row)
            for (std::int64_t col = cols.begin; col < cols.end && col <= row && drawn != m_codes.end(); ++col)
                isHeld = isHeld || allowAny(m_numbers.at(row, col), drawn->second, largest);
        if (isHeld)
            return {};
        if (colour != m_colours.background)
            return fmt::format("no number that the trace holds of a pair there (largest {})", largest.code);
        // Of a cell larger than a pixel the part above the diagonal is future.
        return largest.code <= 0 || x > y ? ""
                                          : fmt::format("a number of code {} is not shown", largest.code);
    }

    std::string lieOfUnknown(int x, int y, const QImage& image, bool isLine) const
    {
        const bool isFuture = cellsOf(x, image.width()).begin >= cellsOf(y, image.height()).end;
        const QRgb expected = isFuture ? m_colours.background : isLine ? m_colours.hatch : m_colours.masked;
        const bool is = image.pixel(x, y) == expected || (!isFuture && x > y); // cells finer than pixels
        return is ? "" : "what is not measured is not hatched";
    }

    const ColourLut& m_colours;
    CellNumbers m_numbers;
    std::map<QRgb, std::vector<int>> m_codes; ///< by colour
};

} // namespace headwater::test
