// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/map/cell_lookup.h"
#include "ui/map/map_navigator.h"
#include "ui/map/map_renderer.h"
#include "ui/map/map_tiles.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QImage>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

namespace headwater {

/// The map itself: cells, cross-hair, and the hand on them. Wheel zooms about the cursor, with Shift or
/// tilted it pans (wheel_turn.h), drag pans, Shift or right drag zooms to a box, click locks, double-click
/// zooms in (Shift: out); arrows move the lock by a cell (Shift: by a block; Ctrl, or without a lock: the
/// view), Home shows everything. Zoom, heads and unlocking have their keys in the window's table of commands.
class MapView : public QWidget {
    Q_OBJECT
public:
    MapView(Subject* subject, MapLook* look, MapTiles* tiles, std::unique_ptr<MapRenderer> renderer,
            QWidget* parent = nullptr);

    const MapRenderer& renderer() const { return *m_renderer; }
    MapNavigator& navigator() { return m_navigator; }
    double lastFrameMilliseconds() const { return m_frameMilliseconds; }

    /// The cell under the cursor, and what is known of it so far.
    const std::optional<MapCell>& hoveredCell() const { return m_hoveredCell; }
    const std::optional<CellAnswer>& answer() const { return m_answer; }
    /// Where the hovered (or told) pair is: what a tooltip must not cover.
    QRectF markedRect() const;
    /// The picture of this moment with its cross-hair, at the screen's resolution.
    QImage grabImage();

signals:
    void framePainted();
    void answerChanged(); ///< the tooltip's content; none when nothing is under the cursor

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Drag { None, Pressed, Panning, Boxing };

    void takeTrace();
    void redraw();
    void prepareFrame();
    void followFrame();
    TokenPair pairAt(const QPointF& point) const;
    bool areTokensLarge() const;
    void hover(const QPointF& point);
    void lookUp(const MapCell& cell, bool fromCursor);
    std::function<CellAnswer(std::stop_token)> lookUpOf(const MapCell& cell) const;
    TokenPair winnerOf(const CellAnswer& answer, const TokenPair& place) const;
    MapCell cellOf(std::uint32_t query, std::uint32_t key) const;
    void takeAnswer(CellAnswer answer, bool fromCursor);
    void clearHover(bool tellState);
    void followState();
    void followLock();
    void lookUpPair(const TokenPair& pair);
    void tellHover(const TokenPair& pair);
    void tellWinner();
    void lock(const TokenPair& pair);
    void setKeyFocus(bool shown);
    void lockAt(const QPointF& point);
    QString notice() const;
    QString recordedWords() const;
    void describe();

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    std::unique_ptr<MapRenderer> m_renderer;
    MapNavigator m_navigator;
    BackgroundJob* m_lookup; ///< of the hovered cell
    BackgroundJob* m_lockReading; ///< of the locked pair, for its frame and for those who hear the map
    BackgroundJob* m_lockLookup; ///< of a cell that was clicked before its winner was known
    QTimer m_stale; ///< hides an old answer when the new one takes long
    bool m_dirty = true; ///< the cells must be drawn anew, not only the cross-hair
    /// What is on screen, and thus what the hand is on: none before a trace's or head's first picture.
    std::optional<MapFrame> m_frame;
    bool m_asksNextFrame = false; ///< the cursor is where the next picture will say what it is on
    double m_frameMilliseconds = 0;

    Drag m_drag = Drag::None;
    Qt::MouseButton m_button = Qt::NoButton;
    QPointF m_pressed;
    QPointF m_cursor;
    MapViewport m_pressedViewport;
    std::optional<MapCell> m_hoveredCell;
    std::optional<CellAnswer> m_answer;
    TokenPair m_ownHover; ///< what this view told the state last
    std::optional<CellAnswer> m_lockAnswer; ///< what is known of the locked pair
    bool m_answerFromCursor = false; ///< not told by another view
    TokenPair m_lockBefore; ///< what was locked before the last click: a double click gives it back
    bool m_keyFocus = false; ///< the keyboard's place is shown
};

} // namespace headwater
