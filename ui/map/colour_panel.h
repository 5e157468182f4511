// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/code_histogram.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/when_seen.h"
#include "ui/map/map_tiles.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace headwater {

class ColourRange;

/// The one colour range of all heads: histogram of what the shown head holds, two handles, typed ends, colour
/// map with its curve, and Fit. The range changes only here (and by commands), never by itself.
class ColourPanel : public QWidget {
    Q_OBJECT
public:
    ColourPanel(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent = nullptr);

public slots:
    /// Fits the range to what the shown head holds.
    void fit();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void read();
    void giveUpTyping();
    void takeHistogram(const CodeHistogram& histogram);
    void takeTyped();
    void takeMap();
    void followState();
    void followZoom();

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    BackgroundJob* m_job;
    WhenSeen* m_head; ///< reads it
    CodeHistogram m_histogram;
    bool m_fitWhenRead = false;
    ColourRange* m_range;
    QLabel* m_quantity;
    QLineEdit* m_low;
    QLineEdit* m_high;
    QComboBox* m_map;
    QPushButton* m_fit;
};

} // namespace headwater
