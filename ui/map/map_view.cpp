// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_view.h"

#include "ui/map/map_overlay.h"
#include "ui/map/quantity_text.h"
#include "ui/map/recorded_mark.h"
#include "ui/map/view_geometry.h"
#include "ui/map/wheel_turn.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

constexpr double kDoubleClickZoom = 4;
constexpr double kLeastBox = 6; ///< pixels
constexpr double kHoverStrength = 0.45;
constexpr double kLargeCell =
    120; ///< pixels: a tooltip keeps clear of the cursor's token instead of such a cell

} // namespace

MapView::MapView(Subject* subject, MapLook* look, MapTiles* tiles, std::unique_ptr<MapRenderer> renderer,
                 QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(tiles)
    , m_renderer(std::move(renderer))
    , m_navigator(subject, look, tiles)
    , m_lookup(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
    , m_lockReading(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
    , m_lockLookup(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
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
        describe();
        emit answerChanged();
    });
    connect(tiles, &MapTiles::tilesChanged, this, &MapView::redraw);
    connect(look, &MapLook::modeChanged, this, [this] {
        redraw();
        tellWinner();
        describe();
    });
    connect(look, &MapLook::coloursChanged, this, &MapView::redraw);
    connect(look, &MapLook::maskChanged, this, &MapView::redraw);
    connect(subject, &Subject::traceChanged, this, &MapView::takeTrace);
    connect(subject, &Subject::shownHeadChanged, this, [this] {
        m_frame.reset();
        m_lockLookup->cancel();
        clearHover(false);
        followLock();
    });
    connect(subject, &Subject::hoveredChanged, this, &MapView::followState);
    connect(this, &MapView::framePainted, this, &MapView::followFrame);
    connect(subject, &Subject::lockedChanged, this, &MapView::followLock);
    takeTrace();
}

void MapView::takeTrace()
{
    m_frame.reset();
    m_lockLookup->cancel();
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
    if (const double factor = pinchOf(*event); factor != 1)
        m_navigator.zoomBy(factor, static_cast<const QNativeGestureEvent*>(event)->position());
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
    m_frame = m_tiles->frame(themeOf(palette()));
    m_renderer->prepare(*m_frame);
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
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    if (m_frame && info && !m_frame->exact.empty()) {
        const QString own =
            tokenRowQuantityOf(*m_subject->trace()); // whole rows, as those that a trace records
        if (own != quantityOf(*m_subject->trace(), *info))
            paintExactAreas(painter, m_look->viewport(), m_frame->exact, own, theme);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_frame && m_look->mode() == MapMode::Max && m_tiles->shownHeadInfo())
        paintRecordedMark(painter, *m_frame, recordedWords(), theme);
    const auto paintPair = [&](const TokenPair& pair, const std::optional<CellAnswer>& answer,
                               double strength) {
        const bool isSomewhere = answer && answer->head == m_subject->shownHead() && answer->isSomewhere()
            && m_look->mode() == MapMode::Max && holds(answer->cell, pair);
        paintCross(painter, m_look->viewport(), size(), seqLen, pair, strength, !isSomewhere, theme);
        if (isSomewhere)
            paintSomewhere(painter, m_look->viewport(), *answer->pair->block, strength, theme);
    };
    paintPair(m_subject->locked(), m_lockAnswer, 1);
    if (m_drag != Drag::Panning && m_subject->hovered() != m_subject->locked())
        paintPair(m_subject->hovered(), m_answer, kHoverStrength);
    if (m_drag == Drag::Boxing)
        paintZoomBox(painter, QRectF(m_pressed, m_cursor).normalized(), theme);
    if (m_keyFocus)
        paintFocus(painter, rect(), theme);
    const QString text = notice();
    if (!text.isEmpty()) {
        painter.setFont(wordsFont(13));
        painter.setPen(theme.dim);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, text);
    }
}

QString MapView::notice() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!trace || m_tiles->shownHeadInfo())
        return {};
    if (trace->heads().empty())
        return tr("No layer is finished yet. Heads appear here as soon as they are.");
    return tr("L%1 · H%2 is not finished yet.")
        .arg(m_subject->shownHead().layer)
        .arg(m_subject->shownHead().head);
}

/// Token rows are whole rows of the model also where the map's other numbers are of the kept keys.
QString MapView::recordedWords() const
{
    const bool isOfKept = m_tiles->shownHeadInfo()->normaliser == Normaliser::Kept;
    return isOfKept ? tr("below: token by token, %1").arg(tokenRowQuantityOf(*m_subject->trace()))
                    : tr("below: token by token");
}

QRectF MapView::markedRect() const
{
    const MapViewport& viewport = m_look->viewport();
    if (m_hoveredCell) {
        const QRectF cell(pixelAt(viewport, m_hoveredCell->keys.begin, m_hoveredCell->queries.begin),
                          pixelAt(viewport, m_hoveredCell->keys.end, m_hoveredCell->queries.end));
        if (cell.width() < kLargeCell && cell.height() < kLargeCell)
            return cell;
    }
    return tokenRect(viewport, m_subject->hovered());
}

void MapView::wheelEvent(QWheelEvent* event)
{
    const WheelTurn turn = turnOf(*event);
    m_cursor = event->position();
    if (turn.factor != 1)
        m_navigator.zoomBy(turn.factor, m_cursor);
    if (!turn.moved.isNull())
        m_navigator.moveBy(turn.moved);
    event->accept();
}

void MapView::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    setKeyFocus(false);
    if (m_drag != Drag::None)
        return;
    m_button = event->button();
    if (m_button != Qt::LeftButton && m_button != Qt::RightButton && m_button != Qt::MiddleButton)
        return;
    m_drag = Drag::Pressed;
    m_pressed = event->position();
    m_cursor = m_pressed;
    m_pressedViewport = m_look->viewport();
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
        viewport.query -= moved.y() * viewport.queryTokensPerPixel();
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
    // Its first click was not meant to lock.
    m_lockLookup->cancel();
    m_subject->setLocked(m_lockBefore);
    const bool out = event->modifiers() & Qt::ShiftModifier;
    m_navigator.zoomBy(out ? 1 / kDoubleClickZoom : kDoubleClickZoom, event->position());
    clearHover(true);
    m_cursor = event->position();
    m_asksNextFrame = true;
}

void MapView::leaveEvent(QEvent* event)
{
    if (m_drag == Drag::None)
        clearHover(true);
    QWidget::leaveEvent(event);
}

void MapView::focusInEvent(QFocusEvent* event)
{
    setKeyFocus(event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason
                || event->reason() == Qt::ShortcutFocusReason);
    QWidget::focusInEvent(event);
}

void MapView::focusOutEvent(QFocusEvent* event)
{
    setKeyFocus(false);
    QWidget::focusOutEvent(event);
}

void MapView::setKeyFocus(bool shown)
{
    if (shown == m_keyFocus)
        return;
    m_keyFocus = shown;
    update();
}

void MapView::keyPressEvent(QKeyEvent* event)
{
    // A modifier alone moves nothing, and begins many a click.
    constexpr std::array kMoving{Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down, Qt::Key_Home};
    if (std::find(kMoving.begin(), kMoving.end(), event->key()) != kMoving.end())
        setKeyFocus(true);
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
    case Qt::Key_Home:
        return m_navigator.zoomToAll();
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

QImage MapView::grabImage()
{
    QImage image(size() * devicePixelRatioF(), QImage::Format_RGB32);
    image.setDevicePixelRatio(devicePixelRatioF());
    render(&image);
    return image;
}

} // namespace headwater
