// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_tiles.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QPointF>
#include <QSizeF>
#include <filesystem>
#include <optional>

namespace headwater {

/// From here on (pixels a token) the hand means tokens, not the largest pair of a cell.
inline constexpr double kTokenPixels = 6;

/// Moves the view and the lock of a map of a given size; knows nothing of widgets.
class MapNavigator {
public:
    MapNavigator(Subject* subject, MapLook* look, MapTiles* tiles)
        : m_subject(subject)
        , m_look(look)
        , m_tiles(tiles)
    {
    }

    /// The area the map has now. While the whole map is shown (or waits to be), it stays whole.
    void setSize(const QSizeF& size);
    /// Another file shows its whole map; a newer snapshot of the same one stays where it is, or whole.
    void takeTrace();

    void setViewport(const MapViewport& viewport);
    void zoomToAll();
    /// Shows a pair, or a token of one axis: at `tokensPerPixel` in the middle, or without one by the
    /// shortest move, and not at all when it is in sight. The view goes at most a little beyond the map's
    /// edges.
    void bringIntoView(const TokenPair& pair, std::optional<double> tokensPerPixel = std::nullopt);
    /// About the locked or hovered pair when it is in view, else about the centre.
    void zoomBy(double factor);
    void zoomBy(double factor, const QPointF& anchor);
    /// The picture moves by so many pixels, as under a hand.
    void moveBy(const QPointF& pixels);
    /// To a scale, about the middle.
    void zoomTo(double tokensPerPixel);
    void zoomToBox(const QRectF& pixels);
    /// The block of a pair in the middle, over two thirds of the map's width or height and no more of the
    /// other; of one axis alone the block on the diagonal. As close as the map goes.
    void zoomToBlock(const TokenPair& pair);
    /// Centres the pair; keeps the scale when `tokensPerPixel` is not given.
    void zoomToCell(std::uint32_t query, std::uint32_t key, std::optional<double> tokensPerPixel);
    void centreOn(double query, double key);

    enum class Step { Cell, Block, View };
    /// Moves the lock by cells (tokens when they are large) or blocks and keeps it in view; without a lock,
    /// or by Step::View, moves the view by an eighth.
    void nudge(int keys, int queries, Step step);

    std::uint32_t seqLen() const;

    /// True where one token is large enough to be meant by itself.
    static bool areTokensLarge(const MapViewport& viewport);
    /// The pair of tokens under a pixel; what lies outside the map is absent.
    static TokenPair pairAt(const MapViewport& viewport, std::uint32_t seqLen, const QPointF& pixel);

private:
    void fitAll();

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    QSizeF m_size;
    std::filesystem::path m_path;
    std::uint32_t m_seqLen = 0; ///< of the snapshot shown
    bool m_wholeMapPending = true; ///< shown as soon as there is a size
};

} // namespace headwater
