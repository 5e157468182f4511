// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_navigator.h"

#include "ui/map/view_geometry.h"

#include <QRectF>
#include <algorithm>

namespace headwater {

namespace {

constexpr double kEdgeShare =
    0.05; ///< of the view: shown beyond the map's edge, or around what comes into view
constexpr double kNearShare = 0.25; ///< of the view: as far beyond its edge is near
constexpr double kBlockShare = 2.0 / 3; ///< of the view, that a block zoomed to fills

/// One axis of a view: where it begins, what it spans, and how long the map is. In tokens.
struct AxisView {
    double begin = 0;
    double span = 0;
    double length = 0;
};

/// Where the view begins after the shortest move that shows `token`.
double movedTo(const AxisView& axis, double token)
{
    const double edge = kEdgeShare * axis.span;
    const double ahead = token < axis.begin ? axis.begin - token : token + 1 - (axis.begin + axis.span);
    if (ahead <= 0)
        return axis.begin;
    if (ahead < kNearShare * axis.span)
        return token < axis.begin ? token - edge : token + 1 - axis.span + edge;
    return token + 0.5 - axis.span / 2;
}

/// A view of a part of the map begins and ends at most a little beyond its edges.
double heldOnMap(const AxisView& axis, double begin)
{
    const double edge = kEdgeShare * axis.span;
    return axis.span < axis.length ? std::clamp(begin, -edge, axis.length - axis.span + edge) : begin;
}

} // namespace

std::uint32_t MapNavigator::seqLen() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    return trace ? trace->seqLen() : 0;
}

bool MapNavigator::areTokensLarge(const MapViewport& viewport)
{
    return 1 / std::max(viewport.tokensPerPixel, viewport.queryTokensPerPixel()) >= kTokenPixels;
}

void MapNavigator::setSize(const QSizeF& size)
{
    const bool whole = seqLen() > 0 && !m_size.isEmpty() && m_look->viewport() == wholeMap(seqLen(), m_size);
    m_size = size;
    m_wholeMapPending = m_wholeMapPending || whole; // for as long as the size is none
    if (m_wholeMapPending)
        fitAll();
}

void MapNavigator::takeTrace()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::filesystem::path path = trace ? trace->path() : std::filesystem::path();
    const std::uint32_t before = m_seqLen;
    m_seqLen = seqLen();
    if (path != m_path) {
        m_path = path;
        m_wholeMapPending = true;
        fitAll();
    } else if (m_seqLen != before && before > 0 && m_look->viewport() == wholeMap(before, m_size)) {
        fitAll(); // generated tokens have come: the whole map is a little larger
    }
}

void MapNavigator::setViewport(const MapViewport& viewport)
{
    m_wholeMapPending = false;
    m_look->setViewport(kept(viewport, seqLen(), m_size));
}

void MapNavigator::zoomToAll()
{
    if (seqLen() == 0 || m_size.isEmpty())
        return;
    m_wholeMapPending = false;
    m_look->setViewport(wholeMap(seqLen(), m_size));
}

/// The whole map on a surface or of a length that has changed: not a step of the user's.
void MapNavigator::fitAll()
{
    if (seqLen() == 0 || m_size.isEmpty())
        return;
    m_wholeMapPending = false;
    m_look->refitViewport(wholeMap(seqLen(), m_size));
}

void MapNavigator::bringIntoView(const TokenPair& pair, std::optional<double> tokensPerPixel)
{
    if (seqLen() == 0 || (!pair.query && !pair.key))
        return;
    // A key alone is read from below: it is looked for where its column begins, on the diagonal, with its
    // readers under it.
    const double query = pair.query.value_or(pair.key.value_or(0));
    const double key = pair.key.value_or(pair.query.value_or(0));
    MapViewport view = m_look->viewport();
    if (tokensPerPixel)
        view = centredOn({key + 0.5, query + 0.5}, *tokensPerPixel, m_size, zoomLimits(seqLen(), m_size));
    const double length = seqLen();
    AxisView rows{view.query, m_size.height() * view.queryTokensPerPixel(), length};
    AxisView columns{view.key, m_size.width() * view.tokensPerPixel, length};
    if (tokensPerPixel && !pair.query)
        rows.begin += rows.span / 4;
    if (!tokensPerPixel) {
        rows.begin = movedTo(rows, query);
        columns.begin = movedTo(columns, key);
    }
    // What was in sight anyway does not move.
    if (tokensPerPixel || rows.begin != view.query)
        view.query = heldOnMap(rows, rows.begin);
    if (tokensPerPixel || columns.begin != view.key)
        view.key = heldOnMap(columns, columns.begin);
    setViewport(view);
}

void MapNavigator::zoomBy(double factor)
{
    QPointF anchor(m_size.width() / 2, m_size.height() / 2);
    for (const TokenPair& pair : {m_subject->locked(), m_subject->hovered()}) {
        if (!pair.query || !pair.key)
            continue;
        const QPointF at = pixelAt(m_look->viewport(), *pair.key + 0.5, *pair.query + 0.5);
        if (QRectF(QPointF(), m_size).contains(at)) {
            anchor = at;
            break;
        }
    }
    zoomBy(factor, anchor);
}

void MapNavigator::zoomBy(double factor, const QPointF& anchor)
{
    if (seqLen() > 0)
        setViewport(zoomedAbout(m_look->viewport(), anchor, factor, zoomLimits(seqLen(), m_size)));
}

void MapNavigator::moveBy(const QPointF& pixels)
{
    if (seqLen() == 0)
        return;
    MapViewport viewport = m_look->viewport();
    viewport.key -= pixels.x() * viewport.tokensPerPixel;
    viewport.query -= pixels.y() * viewport.queryTokensPerPixel();
    setViewport(viewport);
}

void MapNavigator::zoomTo(double tokensPerPixel)
{
    zoomBy(m_look->viewport().tokensPerPixel / tokensPerPixel, {m_size.width() / 2, m_size.height() / 2});
}

void MapNavigator::zoomToBox(const QRectF& pixels)
{
    const MapViewport& viewport = m_look->viewport();
    if (seqLen() > 0)
        setViewport(viewOf({tokenAt(viewport, pixels.topLeft()), tokenAt(viewport, pixels.bottomRight())},
                           seqLen(), m_size));
}

void MapNavigator::zoomToBlock(const TokenPair& pair)
{
    if (seqLen() == 0 || (!pair.query && !pair.key))
        return;
    const BlockGrid grid = m_tiles->grid();
    const auto blockOf = [this](std::uint32_t token, std::uint32_t size) {
        const std::uint32_t begin = token / size * size;
        return TokenRange{begin, std::min(begin + size, seqLen())};
    };
    const TokenRange queries = blockOf(pair.query.value_or(pair.key.value_or(0)), grid.blockQ);
    const TokenRange keys = blockOf(pair.key.value_or(pair.query.value_or(0)), grid.blockK);
    const double wide = (keys.end - keys.begin) / kBlockShare;
    const double high = (queries.end - queries.begin) / kBlockShare;
    const QPointF middle((keys.begin + keys.end) / 2.0, (queries.begin + queries.end) / 2.0);
    setViewport(viewOf(QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high), seqLen(), m_size));
}

void MapNavigator::zoomToCell(std::uint32_t query, std::uint32_t key, std::optional<double> tokensPerPixel)
{
    if (seqLen() == 0)
        return;
    setViewport(centredOn({key + 0.5, query + 0.5},
                          tokensPerPixel.value_or(m_look->viewport().tokensPerPixel), m_size,
                          zoomLimits(seqLen(), m_size)));
}

void MapNavigator::centreOn(double query, double key)
{
    MapViewport viewport = m_look->viewport();
    viewport.key = key - m_size.width() / 2 * viewport.tokensPerPixel;
    viewport.query = query - m_size.height() / 2 * viewport.queryTokensPerPixel();
    setViewport(viewport);
}

TokenPair MapNavigator::pairAt(const MapViewport& viewport, std::uint32_t seqLen, const QPointF& pixel)
{
    const QPointF token = tokenAt(viewport, pixel);
    const double end = seqLen;
    TokenPair pair;
    if (token.x() >= 0 && token.x() < end)
        pair.key = static_cast<std::uint32_t>(token.x());
    if (token.y() >= 0 && token.y() < end)
        pair.query = static_cast<std::uint32_t>(token.y());
    return pair;
}

void MapNavigator::nudge(int keys, int queries, Step step)
{
    const TokenPair locked = m_subject->locked();
    if (step == Step::View || (!locked.query && !locked.key)) {
        MapViewport viewport = m_look->viewport();
        viewport.key += keys * m_size.width() * viewport.tokensPerPixel / 8;
        viewport.query += queries * m_size.height() * viewport.queryTokensPerPixel() / 8;
        setViewport(viewport);
        return;
    }
    const BlockGrid grid = m_tiles->grid();
    const std::int64_t cell = areTokensLarge(m_look->viewport()) ? 1 : std::int64_t{1} << m_tiles->level();
    const auto moved = [this](std::uint32_t token, std::int64_t by) {
        return static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(token + by, 0, std::int64_t{seqLen()} - 1));
    };
    TokenPair next = locked;
    if (next.query && queries != 0)
        next.query = moved(*next.query, queries * (step == Step::Block ? std::int64_t{grid.blockQ} : cell));
    if (next.key && keys != 0)
        next.key = moved(*next.key, keys * (step == Step::Block ? std::int64_t{grid.blockK} : cell));
    if (next.query && next.key && *next.key > *next.query)
        return;
    m_subject->setLocked(next);
    bringIntoView(next);
}

} // namespace headwater
