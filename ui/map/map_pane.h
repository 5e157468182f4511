// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_tiles.h"
#include "ui/map/view_geometry.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QString>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

class QLabel;

namespace headwater {

class TraceSession;
class ExactOffer;
class MapView;
class Minimap;
class ProfileStrip;
class TokenStrip;
class TooltipCard;

/// What the status bar says of the map.
struct MapStatus {
    std::size_t tilesPending = 0;
    std::size_t cacheBytes = 0;
    std::size_t cacheBudget = 0;
    QString renderer; ///< "CPU renderer"
    double frameMilliseconds = 0;
    QString cell; ///< "1 cell = 32 × 32 tokens, drawn: the largest"
    QString quantity; ///< "p_model · selection exact", of the shown head; empty without one
    std::optional<Error> failure; ///< a damaged chunk, named
};

/// The map pane of the Explore workspace: the map, the token strips of both axes, the profiles of what is
/// locked, the minimap and the tooltip. Everything it shows is of the subject and of its look; it computes
/// nothing in the UI thread.
class MapPane : public QWidget {
    Q_OBJECT
public:
    MapPane(Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent = nullptr);
    ~MapPane() override;

    MapStatus status() const;
    MapView* view() const { return m_view; }
    MapTiles* tiles() const { return m_tiles; } ///< for views of the same picture (colour panel)

    /// Exact pairs are asked of it.
    void setSession(TraceSession* session);
    ExactOffer* exactOffer() const { return m_exact; }

    /// Marked on both axes until the next search; ascending or not.
    void setFindHits(const std::vector<headwater::TokenRange>& hits);
    /// Brings a hit into view and lets it stand out on both axes; locks nothing.
    void showHit(const headwater::TokenRange& hit);

signals:
    void statusChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void place();
    void placeMinimap();
    void placeExact();
    void showTooltip();
    bool emptyTriangleHolds(const QRect& place) const;

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    MapView* m_view;
    TokenStrip* m_keyStrip;
    TokenStrip* m_queryStrip;
    ProfileStrip* m_readers;
    ProfileStrip* m_reads;
    QLabel* m_readersScale; ///< beside the key axis: the strip itself has no room for words
    Minimap* m_minimap;
    TooltipCard* m_tooltip;
    ExactOffer* m_exact;
    QTimer m_statusTimer; ///< several changes, one signal
};

} // namespace headwater
