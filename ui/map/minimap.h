// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_types.h"
#include "ui/bridge/background_job.h"
#include "ui/map/map_navigator.h"
#include "ui/map/map_tiles.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QImage>
#include <QWidget>
#include <memory>

namespace headwater {

/// The whole map of the shown head, small, with the view as a frame: click or drag moves the view. It lives
/// in the empty triangle while that is in view, and shrinks into the corner otherwise (its parent places it).
class Minimap : public QWidget {
    Q_OBJECT
public:
    Minimap(Subject* subject, MapLook* look, MapTiles* tiles, MapNavigator* navigator, QWidget* parent);

    static constexpr int kLargeSide = 112;
    static constexpr int kSmallSide = 84;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void read();
    void recolour();
    QRectF mapRect() const;
    void moveView(const QPointF& at);

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    MapNavigator* m_navigator;
    BackgroundJob* m_job;
    std::shared_ptr<const Overview> m_overview;
    QImage m_picture;
};

} // namespace headwater
