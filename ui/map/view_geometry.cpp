// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/view_geometry.h"

#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

namespace headwater {

namespace {

constexpr double kStretchedOctaves = 3; ///< of zoom, until both axes have one scale
constexpr double kMostStretch = 4;

} // namespace

QPointF tokenAt(const MapViewport& viewport, const QPointF& pixel)
{
    return {viewport.key + pixel.x() * viewport.tokensPerPixel,
            viewport.query + pixel.y() * viewport.queryTokensPerPixel()};
}

QPointF pixelAt(const MapViewport& viewport, double key, double query)
{
    return {(key - viewport.key) / viewport.tokensPerPixel,
            (query - viewport.query) / viewport.queryTokensPerPixel()};
}

double ZoomLimits::stretchAt(double tokensPerPixel) const
{
    const double octaves = std::log2(whole / tokensPerPixel);
    return std::pow(wholeStretch, 1 - std::clamp(octaves / kStretchedOctaves, 0.0, 1.0));
}

MapViewport zoomedAbout(const MapViewport& viewport, const QPointF& anchor, double factor,
                        const ZoomLimits& limits)
{
    const QPointF token = tokenAt(viewport, anchor);
    MapViewport zoomed;
    zoomed.tokensPerPixel = std::clamp(viewport.tokensPerPixel / factor, limits.finest, limits.coarsest);
    zoomed.stretch = limits.stretchAt(zoomed.tokensPerPixel);
    zoomed.key = token.x() - anchor.x() * zoomed.tokensPerPixel;
    zoomed.query = token.y() - anchor.y() * zoomed.queryTokensPerPixel();
    return zoomed;
}

ZoomLimits zoomLimits(std::uint32_t seqLen, const QSizeF& size)
{
    const double width = std::max(1.0, size.width());
    const double height = std::max(1.0, size.height());
    ZoomLimits limits;
    limits.wholeStretch = std::clamp(width / height, 1 / kMostStretch, kMostStretch);
    limits.whole = std::max<double>(seqLen, 1) / std::min(width, height * limits.wholeStretch);
    limits.coarsest = std::max(2 * limits.whole, 2 * limits.finest);
    return limits;
}

MapViewport kept(MapViewport viewport, std::uint32_t seqLen, const QSizeF& size)
{
    const double halfWidth = size.width() * viewport.tokensPerPixel / 2;
    const double halfHeight = size.height() * viewport.queryTokensPerPixel() / 2;
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
    const ZoomLimits limits = zoomLimits(seqLen, size);
    MapViewport viewport;
    viewport.tokensPerPixel = limits.whole;
    viewport.stretch = limits.wholeStretch;
    return viewport;
}

MapViewport centredOn(const QPointF& token, double tokensPerPixel, const QSizeF& size,
                      const ZoomLimits& limits)
{
    MapViewport viewport;
    viewport.tokensPerPixel = std::clamp(tokensPerPixel, limits.finest, limits.coarsest);
    viewport.stretch = limits.stretchAt(viewport.tokensPerPixel);
    viewport.key = token.x() - size.width() / 2 * viewport.tokensPerPixel;
    viewport.query = token.y() - size.height() / 2 * viewport.queryTokensPerPixel();
    return viewport;
}

MapViewport viewOf(const QRectF& tokens, std::uint32_t seqLen, const QSizeF& size)
{
    const ZoomLimits limits = zoomLimits(seqLen, size);
    const double wide = tokens.width() / std::max(1.0, size.width());
    const double high = tokens.height() / std::max(1.0, size.height());
    // The query axis' scale grows with the key axis': the least that holds both lies between these two.
    double most = std::max({wide, high * kMostStretch, limits.finest});
    double least = std::clamp(wide, limits.finest, most);
    if (least * limits.stretchAt(least) < high) {
        for (int i = 0; i < 50; ++i) {
            const double middle = (least + most) / 2;
            (middle * limits.stretchAt(middle) < high ? least : most) = middle;
        }
        least = most;
    }
    return kept(centredOn(tokens.center(), least, size, limits), seqLen, size);
}

std::uint32_t drawnLevel(const MapViewport& viewport, double devicePixelRatio, const BlockGrid& grid)
{
    const double tokensPerDevicePixel =
        std::min(viewport.tokensPerPixel, viewport.queryTokensPerPixel()) / devicePixelRatio;
    const double wanted = std::floor(std::log2(std::max(tokensPerDevicePixel, 1.0)));
    const bool showsInside =
        std::min(grid.blockK / viewport.tokensPerPixel, grid.blockQ / viewport.queryTokensPerPixel())
            * devicePixelRatio
        >= kInsideFromPixels;
    const std::uint32_t finest = showsInside
        ? 0
        : static_cast<std::uint32_t>(std::bit_width(std::max(1U, std::min(grid.blockQ, grid.blockK))) - 1);
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
    const double height = size.height() * viewport.queryTokensPerPixel();
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

bool isInSpans(std::span<const TokenRange> spans, std::uint32_t token)
{
    const auto after =
        std::upper_bound(spans.begin(), spans.end(), token,
                         [](std::uint32_t wanted, const TokenRange& span) { return wanted < span.begin; });
    return after != spans.begin() && token < (after - 1)->end;
}

TokenRange cellTokens(std::uint32_t token, std::uint32_t level, std::uint32_t seqLen)
{
    const std::uint64_t begin = (std::uint64_t{token} >> level) << level;
    return {static_cast<std::uint32_t>(begin),
            static_cast<std::uint32_t>(std::min<std::uint64_t>(begin + (std::uint64_t{1} << level), seqLen))};
}

TokenPair withQuery(TokenPair pair, std::uint32_t query)
{
    pair.query = query;
    if (pair.key && *pair.key > query)
        pair.key.reset();
    return pair;
}

TokenPair withKey(TokenPair pair, std::uint32_t key)
{
    pair.key = key;
    if (pair.query && *pair.query < key)
        pair.query.reset();
    return pair;
}

} // namespace headwater
