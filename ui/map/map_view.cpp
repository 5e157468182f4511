// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_view.h"

#include "ui/map/map_overlay.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <cmath>

namespace headwater {

namespace {

constexpr int kStaleAfter = 80; ///< ms
constexpr double kWheelDoubles = 360; ///< eighths of a degree of wheel for a factor of two: three notches
constexpr double kKeyZoom = 1.41421356237309505;
constexpr double kDoubleClickZoom = 4;
constexpr double kLeastBox = 6; ///< pixels
constexpr double kHoverStrength = 0.45;
constexpr double kLargeCell =
    120; ///< pixels: a tooltip keeps clear of the cursor's token instead of such a cell

} // namespace

MapView::MapView(ViewState* state, MapTiles* tiles, std::unique_ptr<MapRenderer> renderer, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
    , m_tiles(tiles)
    , m_renderer(std::move(renderer))
    , m_navigator(state, tiles)
    , m_lookup(new BackgroundJob(this))
{
    setObjectName(QStringLiteral("mapView"));
    setAccessibleName(tr("Attention map"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::CrossCursor);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_stale.setSingleShot(true);
    connect(&m_stale, &QTimer::timeout, this, [this] {
        m_answer.reset();
        emit answerChanged();
    });
    connect(tiles, &MapTiles::tilesChanged, this, &MapView::redraw);
    connect(state, &ViewState::modeChanged, this, &MapView::redraw);
    connect(state, &ViewState::coloursChanged, this, &MapView::redraw);
    connect(state, &ViewState::maskChanged, this, &MapView::redraw);
    connect(state, &ViewState::traceChanged, this, &MapView::takeTrace);
    connect(state, &ViewState::shownHeadChanged, this, [this] { clearHover(false); });
    connect(state, &ViewState::hoveredChanged, this, &MapView::followState);
    connect(state, &ViewState::viewportChanged, this, &MapView::followViewport, Qt::QueuedConnection);
    connect(state, &ViewState::lockedChanged, this, [this] {
        describe();
        update();
    });
    takeTrace();
}

void MapView::takeTrace()
{
    clearHover(false);
    m_navigator.takeTrace();
    redraw();
}

void MapView::redraw()
{
    m_dirty = true;
    update();
}

bool MapView::event(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        redraw();
    return QWidget::event(event);
}

void MapView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_navigator.setSize(size());
    m_tiles->setSurface(size(), devicePixelRatioF());
    redraw();
}

void MapView::prepareFrame()
{
    QElapsedTimer clock;
    clock.start();
    m_tiles->setSurface(size(), devicePixelRatioF());
    m_renderer->prepare(m_tiles->frame(themeOf(palette())));
    m_dirty = false;
    m_frameMilliseconds = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    // The status bar reads it, but not from inside a paint event.
    QMetaObject::invokeMethod(this, &MapView::framePainted, Qt::QueuedConnection);
}

void MapView::paintEvent(QPaintEvent*)
{
    if (m_dirty)
        prepareFrame();
    QPainter painter(this);
    m_renderer->paint(painter);
    const Theme& theme = themeOf(palette());
    const std::uint32_t seqLen = m_navigator.seqLen();
    painter.setRenderHint(QPainter::Antialiasing);
    paintCross(painter, m_state->viewport(), size(), seqLen, m_state->locked(), 1, theme);
    if (m_drag != Drag::Panning && m_state->hovered() != m_state->locked())
        paintCross(painter, m_state->viewport(), size(), seqLen, m_state->hovered(), kHoverStrength, theme);
    if (m_drag == Drag::Boxing)
        paintZoomBox(painter, QRectF(m_pressed, m_cursor).normalized(), theme);
    const QString text = notice();
    if (!text.isEmpty()) {
        painter.setFont(wordsFont(13));
        painter.setPen(theme.dim);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, text);
    }
}

QString MapView::notice() const
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!trace || m_tiles->shownHeadInfo())
        return {};
    if (trace->heads().empty())
        return tr("No layer is finished yet. Heads appear here as soon as they are.");
    return tr("L%1 · H%2 is not finished yet.")
        .arg(m_state->shownHead().layer)
        .arg(m_state->shownHead().head);
}

QRectF MapView::markedRect() const
{
    const MapViewport& viewport = m_state->viewport();
    if (m_hoveredCell) {
        const QRectF cell(pixelAt(viewport, m_hoveredCell->keys.begin, m_hoveredCell->queries.begin),
                          pixelAt(viewport, m_hoveredCell->keys.end, m_hoveredCell->queries.end));
        if (cell.width() < kLargeCell && cell.height() < kLargeCell)
            return cell;
    }
    return tokenRect(viewport, m_state->hovered());
}

void MapView::tellHover(const TokenPair& pair)
{
    m_ownHover = pair;
    m_state->setHovered(pair);
}

void MapView::hover(const QPointF& point)
{
    m_cursor = point;
    const std::optional<MapCell> cell = cellAt(m_tiles->frame(themeOf(palette())), point);
    if (!cell) {
        clearHover(true);
        return;
    }
    if (m_navigator.tokensAreLarge())
        tellHover(m_navigator.pairAt(point));
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
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!source || !trace)
        return;
    m_stale.start(kStaleAfter);
    m_lookup->start([source, trace, head = m_state->shownHead(),
                     cell](std::stop_token) { return lookUpCell(*source, *trace, head, cell); },
                    [this, fromCursor](CellAnswer answer) { takeAnswer(std::move(answer), fromCursor); });
}

void MapView::takeAnswer(CellAnswer answer, bool fromCursor)
{
    m_stale.stop();
    if (answer.head != m_state->shownHead())
        return;
    m_answer = std::move(answer);
    if (fromCursor && !m_navigator.tokensAreLarge()) {
        // Of a cell of many pairs the winner is meant; of an empty one, or one without edges, the place
        // itself.
        tellHover(m_answer->edge ? TokenPair{m_answer->edge->query, m_answer->edge->key}
                                 : m_navigator.pairAt(m_cursor));
    }
    if (m_lockOnAnswer) {
        m_lockOnAnswer = false;
        m_state->setLocked(m_state->hovered());
    }
    describe();
    emit answerChanged();
    update();
}

void MapView::clearHover(bool tellState)
{
    m_lookup->cancel();
    m_stale.stop();
    m_lockOnAnswer = false;
    const bool had = m_answer.has_value();
    m_hoveredCell.reset();
    m_answer.reset();
    if (tellState)
        tellHover({});
    if (had)
        emit answerChanged();
    update();
}

/// A pair hovered in another view (text, tables) is shown here as if the cursor were on it.
void MapView::followState()
{
    update();
    const TokenPair pair = m_state->hovered();
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
    const std::uint32_t level = m_tiles->level();
    m_hoveredCell =
        MapCell{level, cellTokens(*pair.query, level, seqLen), cellTokens(*pair.key, level, seqLen)};
    lookUp(*m_hoveredCell, false);
}

/// After the view moved, another cell is under a resting cursor; a told pair lies in a cell of another size.
void MapView::followViewport()
{
    if (m_drag != Drag::None || !m_hoveredCell)
        return;
    if (underMouse())
        hover(m_cursor);
    else if (m_hoveredCell->level != m_tiles->level())
        lookUpPair(m_state->hovered());
}

void MapView::lockAt(const QPointF& point)
{
    hover(point);
    const TokenPair pair = m_navigator.pairAt(point);
    if (!m_hoveredCell) {
        // The future holds no pairs, but its rows can still be locked.
        if (pair.query)
            m_state->setLocked({pair.query, std::nullopt});
        return;
    }
    const bool answered = m_answer && m_answer->cell == *m_hoveredCell;
    m_state->setLocked(answered ? m_state->hovered() : pair);
    m_lockOnAnswer = !answered;
}

void MapView::wheelEvent(QWheelEvent* event)
{
    const double turn = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (turn != 0) {
        m_cursor = event->position();
        m_navigator.zoomBy(std::exp2(turn / kWheelDoubles), m_cursor);
    }
    event->accept();
}

void MapView::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    if (m_drag != Drag::None)
        return;
    m_button = event->button();
    if (m_button != Qt::LeftButton && m_button != Qt::RightButton && m_button != Qt::MiddleButton)
        return;
    m_drag = Drag::Pressed;
    m_pressed = event->position();
    m_cursor = m_pressed;
    m_pressedViewport = m_state->viewport();
}

void MapView::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = event->position();
    if (m_drag == Drag::None) {
        hover(at);
        return;
    }
    m_cursor = at;
    const QPointF moved = at - m_pressed;
    if (m_drag == Drag::Pressed) {
        if (moved.manhattanLength() < QApplication::startDragDistance() / 2.0)
            return;
        const bool box = m_button == Qt::RightButton || (event->modifiers() & Qt::ShiftModifier);
        m_drag = box ? Drag::Boxing : Drag::Panning;
        setCursor(box ? Qt::CrossCursor : Qt::ClosedHandCursor);
        clearHover(true);
    }
    if (m_drag == Drag::Panning) {
        MapViewport viewport = m_pressedViewport;
        viewport.key -= moved.x() * viewport.tokensPerPixel;
        viewport.query -= moved.y() * viewport.tokensPerPixel;
        m_navigator.setViewport(viewport);
    } else {
        update();
    }
}

void MapView::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != m_button)
        return;
    const Drag drag = m_drag;
    const Qt::MouseButton button = m_button;
    m_drag = Drag::None;
    m_button = Qt::NoButton;
    setCursor(Qt::CrossCursor);
    if (drag == Drag::Pressed && button == Qt::LeftButton)
        lockAt(event->position());
    if (drag != Drag::Boxing)
        return;
    const QRectF box = QRectF(m_pressed, event->position()).normalized();
    if (box.width() >= kLeastBox && box.height() >= kLeastBox)
        m_navigator.zoomToBox(box);
    update();
}

void MapView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_drag = Drag::None;
    const bool out = event->modifiers() & Qt::ShiftModifier;
    m_navigator.zoomBy(out ? 1 / kDoubleClickZoom : kDoubleClickZoom, event->position());
    hover(event->position());
}

void MapView::leaveEvent(QEvent* event)
{
    if (m_drag == Drag::None)
        clearHover(true);
    QWidget::leaveEvent(event);
}

void MapView::keyPressEvent(QKeyEvent* event)
{
    using Step = MapNavigator::Step;
    const Step step = event->modifiers() & Qt::ControlModifier ? Step::View
        : event->modifiers() & Qt::ShiftModifier               ? Step::Block
                                                               : Step::Cell;
    switch (event->key()) {
    case Qt::Key_Left:
        return m_navigator.nudge(-1, 0, step);
    case Qt::Key_Right:
        return m_navigator.nudge(1, 0, step);
    case Qt::Key_Up:
        return m_navigator.nudge(0, -1, step);
    case Qt::Key_Down:
        return m_navigator.nudge(0, 1, step);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return m_navigator.zoomBy(kKeyZoom);
    case Qt::Key_Minus:
        return m_navigator.zoomBy(1 / kKeyZoom);
    case Qt::Key_Home:
        return m_navigator.zoomToAll();
    case Qt::Key_BracketLeft:
        return m_navigator.stepLayer(-1);
    case Qt::Key_BracketRight:
        return m_navigator.stepLayer(1);
    case Qt::Key_Escape:
        if (m_state->locked() != TokenPair{})
            return m_state->setLocked({});
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void MapView::describe()
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!trace)
        return;
    QString text = tr("layer %1 head %2").arg(m_state->shownHead().layer).arg(m_state->shownHead().head);
    const auto name = [&trace](std::uint32_t token) {
        return token < trace->seqLen() ? tokenLabel(trace->tokenText(token)) : QString();
    };
    const TokenPair pair = m_state->hovered().query ? m_state->hovered() : m_state->locked();
    if (pair.query)
        text += tr(", query %1 '%2'").arg(*pair.query).arg(name(*pair.query));
    if (pair.key)
        text += tr(", key %1 '%2'").arg(*pair.key).arg(name(*pair.key));
    if (m_answer && m_answer->edge) {
        const CellEdge& edge = *m_answer->edge;
        text += tr(", weight %1, %2 of %3")
                    .arg(static_cast<double>(edge.peak), 0, 'g', 3)
                    .arg(edge.rankInRow)
                    .arg(edge.edgesInRow);
    }
    setAccessibleDescription(text);
}

QImage MapView::grabImage()
{
    QImage image(size() * devicePixelRatioF(), QImage::Format_RGB32);
    image.setDevicePixelRatio(devicePixelRatioF());
    render(&image);
    return image;
}

} // namespace headwater
