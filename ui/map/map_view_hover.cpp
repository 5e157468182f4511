// SPDX-License-Identifier: GPL-3.0-or-later
// What the hand is on: the cell under the cursor (or told by another view), its answer, and the lock.
#include "ui/map/map_description.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"

#include <algorithm>

namespace headwater {

namespace {

constexpr int kStaleAfter = 80; ///< ms

} // namespace

void MapView::tellHover(const TokenPair& pair)
{
    m_ownHover = pair;
    m_subject->setHovered(pair);
}

/// The pair of tokens under a pixel of the picture on screen.
TokenPair MapView::pairAt(const QPointF& point) const
{
    return m_frame ? MapNavigator::pairAt(m_frame->viewport, m_frame->grid.seqLen, point) : TokenPair{};
}

bool MapView::areTokensLarge() const
{
    return MapNavigator::areTokensLarge(m_frame ? m_frame->viewport : m_look->viewport());
}

void MapView::hover(const QPointF& point)
{
    m_cursor = point;
    if (!m_frame)
        prepareFrame(); // the hand came before the first paint, which will draw this one
    const std::optional<MapCell> cell = cellAt(*m_frame, point);
    if (!cell) {
        clearHover(true);
        return;
    }
    if (areTokensLarge())
        tellHover(pairAt(point));
    if (m_hoveredCell != cell) {
        m_hoveredCell = cell;
        lookUp(*cell, true);
    } else if (m_answer) {
        emit answerChanged();
    }
}

void MapView::lookUp(const MapCell& cell, bool fromCursor)
{
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!source || !trace)
        return;
    m_stale.start(kStaleAfter);
    m_lookup->start(lookUpOf(cell),
                    [this, fromCursor](CellAnswer answer) { takeAnswer(std::move(answer), fromCursor); });
}

/// Work that looks up a cell. What it decodes serves whichever cell comes next: only another head stops that.
std::function<CellAnswer(std::stop_token)> MapView::lookUpOf(const MapCell& cell) const
{
    return [source = m_tiles->source(), trace = m_subject->trace(), head = m_subject->shownHead(), cell,
            headStop = m_tiles->reader().headStop()](const std::stop_token& stop) {
        return stop.stop_requested() ? CellAnswer{} : lookUpCell(*source, *trace, head, cell, headStop);
    };
}

void MapView::takeAnswer(CellAnswer answer, bool fromCursor)
{
    m_stale.stop();
    if (answer.head != m_subject->shownHead())
        return;
    if (answer.failure)
        m_tiles->reader().report(*answer.failure);
    m_answer = std::move(answer);
    m_answerFromCursor = fromCursor;
    tellWinner();
    describe();
    emit answerChanged();
    update();
}

void MapView::tellWinner()
{
    if (m_answer && m_answerFromCursor && !areTokensLarge())
        tellHover(winnerOf(*m_answer, pairAt(m_cursor)));
}

/// Of a cell of many pairs the one whose number is shown is meant (its row alone where the value is a row's);
/// of a cell without a number the place itself, as far as it lies in the cell.
TokenPair MapView::winnerOf(const CellAnswer& answer, const TokenPair& place) const
{
    if (m_look->mode() == MapMode::Missed && answer.known)
        return {answer.missedRow, std::nullopt};
    if (answer.pair && answer.pair->hasValue())
        return {answer.pair->row, answer.pair->key};
    if (!answer.pair && answer.edge)
        return {answer.edge->query, answer.edge->key};
    if (holds(answer.cell, place))
        return place;
    return {answer.cell.queries.begin, std::min(answer.cell.keys.begin, answer.cell.queries.begin)};
}

/// A pair told by its tokens is meant itself, however far the map is away.
MapCell MapView::cellOf(std::uint32_t query, std::uint32_t key) const
{
    const std::uint32_t seqLen = m_navigator.seqLen();
    return {0, cellTokens(query, 0, seqLen), cellTokens(key, 0, seqLen)};
}

void MapView::clearHover(bool tellState)
{
    m_lookup->cancel();
    m_stale.stop();
    const bool had = m_answer.has_value();
    m_hoveredCell.reset();
    m_asksNextFrame = false;
    m_answer.reset();
    if (tellState)
        tellHover({});
    describe();
    if (had)
        emit answerChanged();
    update();
}

/// A pair hovered in another view (text, tables) is shown here as if the cursor were on it.
void MapView::followState()
{
    update();
    const TokenPair pair = m_subject->hovered();
    if (pair == m_ownHover)
        return;
    m_ownHover = pair;
    lookUpPair(pair);
}

void MapView::lookUpPair(const TokenPair& pair)
{
    const std::uint32_t seqLen = m_navigator.seqLen();
    if (!pair.query || !pair.key || *pair.key > *pair.query || *pair.query >= seqLen) {
        clearHover(false);
        return;
    }
    m_hoveredCell = cellOf(*pair.query, *pair.key);
    lookUp(*m_hoveredCell, false);
}

/// In a new picture another cell may be under a resting cursor.
void MapView::followFrame()
{
    if (m_drag == Drag::None && (m_asksNextFrame || (m_hoveredCell && underMouse())))
        hover(m_cursor);
}

/// What the lock is on is read as well: for its frame, and for the description where no cursor is.
void MapView::followLock()
{
    update();
    m_lockAnswer.reset();
    describe();
    const TokenPair pair = m_subject->locked();
    const std::uint32_t seqLen = m_navigator.seqLen();
    if (!m_tiles->source() || !m_tiles->shownHeadInfo() || !pair.query || !pair.key
        || *pair.query >= seqLen) {
        m_lockReading->cancel();
        return;
    }
    m_lockReading->start(lookUpOf(cellOf(*pair.query, *pair.key)), [this](CellAnswer answer) {
        m_lockAnswer = std::move(answer);
        describe();
        update();
    });
}

void MapView::lock(const TokenPair& pair)
{
    m_lockLookup->cancel();
    m_lockBefore = m_subject->locked();
    m_subject->setLocked(pair);
}

void MapView::lockAt(const QPointF& point)
{
    hover(point);
    const TokenPair place = pairAt(point);
    if (!m_hoveredCell || !place.query || !place.key || !m_tiles->source()) {
        // The future holds no pairs, but its rows can still be locked.
        if (place.query)
            lock({place.query, std::nullopt});
        return;
    }
    // A pixel on the diagonal may begin beyond it.
    const TokenPair pair{place.query, std::min(*place.key, *place.query)};
    if (areTokensLarge() || (m_answer && m_answer->cell == *m_hoveredCell)) {
        lock(m_subject->hovered());
        return;
    }
    // The place itself until its cell's winner is known, wherever the cursor has gone by then.
    lock(pair);
    m_lockLookup->start(lookUpOf(*m_hoveredCell), [this, pair](const CellAnswer& answer) {
        if (answer.head == m_subject->shownHead() && m_subject->locked() == pair)
            m_subject->setLocked(winnerOf(answer, pair));
    });
}

void MapView::describe()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const bool hovered = m_hoveredCell || m_subject->hovered().query;
    const TokenPair pair = hovered ? m_subject->hovered() : m_subject->locked();
    setAccessibleDescription(trace ? mapDescription(*trace, m_subject->shownHead(), m_look->mode(), pair,
                                                    hovered ? m_answer : m_lockAnswer)
                                   : QString());
}

} // namespace headwater
