// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/heads/head_grid.h"
#include "ui/map/map_tiles.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QToolButton;

namespace headwater {

/// The layer and head selector: the grid with its sort order written above.
class HeadPanel : public QWidget {
    Q_OBJECT
public:
    HeadPanel(ViewState* state, MapTiles* tiles, QWidget* parent = nullptr);

    HeadGrid* grid() const { return m_grid; }
    HeadOrder order() const;
    void setOrder(HeadOrder order, bool isFalling);
    /// What the present order says of itself: of which rows, how many heads are unknown.
    QString note() const;

private:
    void takeTrace();
    void sort();
    void readSelection();
    void showNote();

    ViewState* m_state;
    MapTiles* m_tiles;
    BackgroundJob* m_job;
    QComboBox* m_order;
    QToolButton* m_falling;
    QLabel* m_note;
    HeadGrid* m_grid;
    HeadReads m_reads;
};

} // namespace headwater
