// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_navigator.h"

#include "ui/map/view_geometry.h"

#include <QRectF>
#include <algorithm>

namespace headwater {

namespace {

constexpr double kMargin = 24; ///< pixels between a moved lock and the edge of the view

} // namespace

std::uint32_t MapNavigator::seqLen() const
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    return trace ? trace->seqLen() : 0;
}

void MapNavigator::setSize(const QSizeF& size)
{
    const bool whole = seqLen() > 0 && !m_size.isEmpty() && m_state->viewport() == wholeMap(seqLen(), m_size);
    m_size = size;
    if (m_wholeMapPending || whole)
        zoomToAll();
}

void MapNavigator::takeTrace()
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const std::filesystem::path path = trace ? trace->path() : std::filesystem::path();
    const std::uint32_t before = m_seqLen;
    m_seqLen = seqLen();
    if (path != m_path) {
        m_path = path;
        m_wholeMapPending = true;
        zoomToAll();
    } else if (m_seqLen != before && before > 0 && m_state->viewport() == wholeMap(before, m_size)) {
        zoomToAll(); // generated tokens have come: the whole map is a little larger
    }
}

void MapNavigator::setViewport(const MapViewport& viewport)
{
    m_wholeMapPending = false;
    m_state->setViewport(kept(viewport, seqLen(), m_size));
}

void MapNavigator::zoomToAll()
{
    if (seqLen() == 0 || m_size.isEmpty())
        return;
    m_wholeMapPending = false;
    m_state->setViewport(wholeMap(seqLen(), m_size));
}

void MapNavigator::zoomBy(double factor)
{
    QPointF anchor(m_size.width() / 2, m_size.height() / 2);
    for (const TokenPair& pair : {m_state->locked(), m_state->hovered()}) {
        if (!pair.query || !pair.key)
            continue;
        const QPointF at = pixelAt(m_state->viewport(), *pair.key + 0.5, *pair.query + 0.5);
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
        setViewport(zoomedAbout(m_state->viewport(), anchor, factor, zoomLimits(seqLen(), m_size)));
}

void MapNavigator::zoomToBox(const QRectF& pixels)
{
    const MapViewport& viewport = m_state->viewport();
    if (seqLen() > 0)
        setViewport(viewOf({tokenAt(viewport, pixels.topLeft()), tokenAt(viewport, pixels.bottomRight())},
                           seqLen(), m_size));
}

void MapNavigator::zoomToCell(std::uint32_t query, std::uint32_t key, std::optional<double> tokensPerPixel)
{
    if (seqLen() == 0)
        return;
    const ZoomLimits limits = zoomLimits(seqLen(), m_size);
    MapViewport viewport;
    viewport.tokensPerPixel = std::clamp(tokensPerPixel.value_or(m_state->viewport().tokensPerPixel),
                                         limits.finest, limits.coarsest);
    viewport.key = key + 0.5 - m_size.width() / 2 * viewport.tokensPerPixel;
    viewport.query = query + 0.5 - m_size.height() / 2 * viewport.tokensPerPixel;
    setViewport(viewport);
}

void MapNavigator::centreOn(double query, double key)
{
    MapViewport viewport = m_state->viewport();
    viewport.key = key - m_size.width() / 2 * viewport.tokensPerPixel;
    viewport.query = query - m_size.height() / 2 * viewport.tokensPerPixel;
    setViewport(viewport);
}

void MapNavigator::stepLayer(int by)
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!trace)
        return;
    const HeadId head = m_state->head();
    for (int layer = head.layer + by; layer >= 0 && layer < trace->numLayers(); layer += by) {
        const HeadId next{layer, std::clamp(head.head, 0, std::max(0, trace->numHeads(layer) - 1))};
        if (trace->findHead(next.layer, next.head)) {
            m_state->setHead(next);
            return;
        }
    }
}

TokenPair MapNavigator::pairAt(const QPointF& pixel) const
{
    const QPointF token = tokenAt(m_state->viewport(), pixel);
    const double end = seqLen();
    TokenPair pair;
    if (token.x() >= 0 && token.x() < end)
        pair.key = static_cast<std::uint32_t>(token.x());
    if (token.y() >= 0 && token.y() < end)
        pair.query = static_cast<std::uint32_t>(token.y());
    return pair;
}

void MapNavigator::ensureVisible(const TokenPair& pair)
{
    MapViewport viewport = m_state->viewport();
    const double margin = kMargin * viewport.tokensPerPixel;
    const auto shift = [margin](double& origin, double token, double extent) {
        if (token < origin + margin)
            origin = token - margin;
        else if (token > origin + extent - margin)
            origin = token - extent + margin;
    };
    const bool whole = viewport == wholeMap(seqLen(), m_size);
    if (whole)
        return;
    if (pair.key)
        shift(viewport.key, *pair.key, m_size.width() * viewport.tokensPerPixel);
    if (pair.query)
        shift(viewport.query, *pair.query, m_size.height() * viewport.tokensPerPixel);
    if (!(viewport == m_state->viewport()))
        setViewport(viewport);
}

void MapNavigator::nudge(int keys, int queries, Step step)
{
    const TokenPair locked = m_state->locked();
    if (step == Step::View || (!locked.query && !locked.key)) {
        MapViewport viewport = m_state->viewport();
        viewport.key += keys * m_size.width() * viewport.tokensPerPixel / 8;
        viewport.query += queries * m_size.height() * viewport.tokensPerPixel / 8;
        setViewport(viewport);
        return;
    }
    const BlockGrid grid = m_tiles->grid();
    const std::int64_t cell = tokensAreLarge() ? 1 : std::int64_t{1} << m_tiles->level();
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
    m_state->setLocked(next);
    ensureVisible(next);
}

} // namespace headwater
