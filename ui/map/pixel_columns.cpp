// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/pixel_columns.h"

#include "core/tiles/tile.h"

#include <algorithm>
#include <utility>

namespace headwater {

PixelColumns::PixelColumns(PixelAxis axis)
    : PixelAxis(std::move(axis))
{
    const auto inside = static_cast<std::size_t>(end - begin);
    first.resize(inside);
    last.resize(inside);
    window.resize(inside);
    for (std::size_t i = 0; i < inside; ++i) {
        const int x = begin + static_cast<int>(i);
        const Pixel& pixel = pixels[static_cast<std::size_t>(x)];
        first[i] = pixel.first - firstCell;
        last[i] = pixel.last - firstCell;
        window[i] = (last[i] - first[i]) * static_cast<std::uint32_t>(cells()) + first[i];
        mostCells = std::max(mostCells, pixel.last - pixel.first + 1);
        if (pixel.border)
            borders.push_back(x);
        if (pixel.border || pixel.cellBorder)
            cellBorders.push_back(x);
        const std::uint32_t col = pixel.centre / kTileSide;
        if (spans.empty() || spans.back().col != col)
            spans.push_back({x, x, col});
        spans.back().end = x + 1;
    }
}

void PixelColumns::pool(std::span<std::uint8_t> bytes, std::span<std::uint8_t> largest,
                        std::size_t count) const
{
    // Locals: a byte that is written may alias every member, which would be read again for each pixel.
    std::uint8_t* const in = bytes.data();
    std::uint8_t* const out = largest.data();
    if (mostCells > kMostWindow) {
        const std::uint32_t* const from = first.data();
        const std::uint32_t* const to = last.data();
        for (std::size_t i = 0; i < count; ++i)
            out[i] = *std::max_element(in + from[i], in + to[i] + 1);
        return;
    }
    const std::size_t inView = cells();
    for (std::size_t more = 1; more < mostCells; ++more) {
        const std::uint8_t* const shorter = in + (more - 1) * inView;
        std::uint8_t* const longer = in + more * inView;
        for (std::size_t i = 0; i + more < inView; ++i)
            longer[i] = std::max(shorter[i], in[i + more]);
    }
    const std::uint32_t* const place = window.data();
    for (std::size_t i = 0; i < count; ++i)
        out[i] = in[place[i]];
}

int PixelColumns::futureOf(const Pixel& row) const
{
    const auto isFuture = [](std::int64_t token, const Pixel& pixel) { return token < pixel.firstToken; };
    const auto from = pixels.begin() + begin;
    return static_cast<int>(std::upper_bound(from, pixels.begin() + end, row.lastToken, isFuture)
                            - pixels.begin());
}

} // namespace headwater
