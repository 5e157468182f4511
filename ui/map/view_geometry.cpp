// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/view_geometry.h"

#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

namespace headwater {

QPointF tokenAt(const MapViewport& viewport, const QPointF& pixel)
{
    return {viewport.key + pixel.x() * viewport.tokensPerPixel,
            viewport.query + pixel.y() * viewport.tokensPerPixel};
}

QPointF pixelAt(const MapViewport& viewport, double key, double query)
{
    return {(key - viewport.key) / viewport.tokensPerPixel,
            (query - viewport.query) / viewport.tokensPerPixel};
}

MapViewport zoomedAbout(const MapViewport& viewport, const QPointF& anchor, double factor,
                        const ZoomLimits& limits)
{
    const QPointF token = tokenAt(viewport, anchor);
    MapViewport zoomed;
    zoomed.tokensPerPixel = std::clamp(viewport.tokensPerPixel / factor, limits.finest, limits.coarsest);
    zoomed.key = token.x() - anchor.x() * zoomed.tokensPerPixel;
    zoomed.query = token.y() - anchor.y() * zoomed.tokensPerPixel;
    return zoomed;
}

ZoomLimits zoomLimits(std::uint32_t seqLen, const QSizeF& size)
{
    const double side = std::max(1.0, std::min(size.width(), size.height()));
    ZoomLimits limits;
    limits.coarsest = std::max(2.0 * seqLen / side, 2 * limits.finest);
    return limits;
}

MapViewport kept(MapViewport viewport, std::uint32_t seqLen, const QSizeF& size)
{
    const double halfWidth = size.width() * viewport.tokensPerPixel / 2;
    const double halfHeight = size.height() * viewport.tokensPerPixel / 2;
    const double end = seqLen;
    viewport.key = std::clamp(viewport.key + halfWidth, 0.0, end) - halfWidth;
    viewport.query = std::clamp(viewport.query + halfHeight, 0.0, end) - halfHeight;
    // A view wider than the map (its right part is future, it holds the minimap) starts at the first key.
    if (2 * halfWidth > end && 2 * halfHeight >= end)
        viewport.key = std::clamp(viewport.key, end - 2 * halfWidth, end / 2);
    return viewport;
}

MapViewport wholeMap(std::uint32_t seqLen, const QSizeF& size)
{
    MapViewport viewport;
    viewport.tokensPerPixel =
        std::max<double>(seqLen, 1) / std::max(1.0, std::min(size.width(), size.height()));
    return viewport;
}

MapViewport viewOf(const QRectF& tokens, std::uint32_t seqLen, const QSizeF& size)
{
    const ZoomLimits limits = zoomLimits(seqLen, size);
    MapViewport viewport;
    viewport.tokensPerPixel = std::clamp(std::max(tokens.width() / std::max(1.0, size.width()),
                                                  tokens.height() / std::max(1.0, size.height())),
                                         limits.finest, limits.coarsest);
    viewport.key = tokens.center().x() - size.width() * viewport.tokensPerPixel / 2;
    viewport.query = tokens.center().y() - size.height() * viewport.tokensPerPixel / 2;
    return kept(viewport, seqLen, size);
}

std::uint32_t drawnLevel(double tokensPerPixel, double devicePixelRatio, const BlockGrid& grid)
{
    const double tokensPerDevicePixel = tokensPerPixel / devicePixelRatio;
    const double wanted = std::floor(std::log2(std::max(tokensPerDevicePixel, 1.0)));
    const std::uint32_t finest =
        static_cast<std::uint32_t>(std::bit_width(std::max(1U, std::min(grid.blockQ, grid.blockK))) - 1);
    const std::uint32_t coarsest = std::max(finest, coarsestLevel(grid.seqLen));
    return std::clamp(static_cast<std::uint32_t>(wanted), finest, coarsest);
}

std::vector<TileKey> tilesInView(const MapViewport& viewport, const QSizeF& size, std::uint32_t seqLen,
                                 HeadId head, std::uint32_t level, double around)
{
    std::vector<TileKey> tiles;
    if (seqLen == 0)
        return tiles;
    const double span = static_cast<double>(std::uint64_t{kTileSide} << level);
    const double width = size.width() * viewport.tokensPerPixel;
    const double height = size.height() * viewport.tokensPerPixel;
    const auto index = [span, seqLen](double token) {
        return static_cast<std::uint32_t>(std::clamp(token, 0.0, static_cast<double>(seqLen - 1)) / span);
    };
    const double left = viewport.key - around * width;
    const double top = viewport.query - around * height;
    const double right = viewport.key + (1 + around) * width;
    const double bottom = viewport.query + (1 + around) * height;
    if (right <= 0 || bottom <= 0 || left >= seqLen || top >= seqLen)
        return tiles;
    for (std::uint32_t row = index(top); row <= index(bottom); ++row) {
        for (std::uint32_t col = index(left); col <= index(right); ++col) {
            const TileKey key{head.layer, head.head, level, row, col};
            if (tileExists(key, seqLen))
                tiles.push_back(key);
        }
    }
    const double centreCol = (viewport.key + width / 2) / span - 0.5;
    const double centreRow = (viewport.query + height / 2) / span - 0.5;
    std::stable_sort(tiles.begin(), tiles.end(), [centreCol, centreRow](const TileKey& a, const TileKey& b) {
        return std::hypot(a.col - centreCol, a.row - centreRow)
            < std::hypot(b.col - centreCol, b.row - centreRow);
    });
    return tiles;
}

std::vector<TileKey> parentsOf(const std::vector<TileKey>& tiles, std::uint32_t seqLen)
{
    std::vector<TileKey> parents;
    if (tiles.empty())
        return parents;
    const std::uint32_t coarsest = coarsestLevel(seqLen);
    const TileKey& first = tiles.front();
    if (first.level < coarsest)
        parents.push_back({first.layer, first.head, coarsest, 0, 0});
    const std::uint32_t level = first.level + 2;
    if (level >= coarsest)
        return parents;
    std::set<TileKey> seen;
    for (const TileKey& tile : tiles) {
        const TileKey parent{tile.layer, tile.head, level, tile.row >> 2, tile.col >> 2};
        if (seen.insert(parent).second)
            parents.push_back(parent);
    }
    return parents;
}

TokenSpan cellTokens(std::uint32_t token, std::uint32_t level, std::uint32_t seqLen)
{
    const std::uint64_t begin = (std::uint64_t{token} >> level) << level;
    return {static_cast<std::uint32_t>(begin),
            static_cast<std::uint32_t>(std::min<std::uint64_t>(begin + (std::uint64_t{1} << level), seqLen))};
}

} // namespace headwater
