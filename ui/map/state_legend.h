// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/when_seen.h"
#include "ui/map/map_tiles.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QString>
#include <QWidget>
#include <memory>
#include <vector>

class QLabel;

namespace headwater {

/// What the map's ground and hatch mean: a swatch and a line for each state of a pair that has no number,
/// with what bounds it in the rows on screen. Away where it has nothing to say; reads nothing while nobody
/// sees it.
class StateLegend : public QWidget {
    Q_OBJECT
public:
    StateLegend(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent = nullptr);

private:
    enum class Look { Hatch, Ground, Cells };
    struct Line {
        QWidget* swatch;
        QLabel* words;
    };

    Line addLine(const QString& name, Look look, const QString& toolTip);
    static void show(const Line& line, const QString& text);
    void takeHead();
    void readRows();
    void readRecorded();
    bool isInsideBlocks() const;
    bool isRecordedAsked() const;
    void showStates();
    QString notKeptText(const HeadInfo& info) const;
    static QString exactText(const ExactWindow& exact, const ExactWindows::Windows& among);
    static QString someText(const ExactWindows::Windows& some);
    QString belowRecordedText(const HeadInfo& info) const;
    TokenRange rowsOnScreen(std::uint32_t rows) const;

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    BackgroundJob* m_rowsJob;
    BackgroundJob* m_recordedJob;
    WhenSeen* m_rowsSeen; ///< reads m_rows
    WhenSeen* m_recordedSeen; ///< reads m_recorded
    std::shared_ptr<const HeadRows> m_rows; ///< of the shown head, where they are measured and read
    TokenRange m_recordedRange; ///< of rows, that m_recorded is read of
    std::vector<TokenRow> m_recorded; ///< of the shown head
    Line m_somewhere;
    Line m_notKept;
    Line m_belowRecorded;
    Line m_exact;
};

} // namespace headwater
