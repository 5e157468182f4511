// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/bridge/view_reader.h"
#include "ui/inspector/profile_bins.h"

#include <QWidget>
#include <filesystem>
#include <optional>
#include <vector>

class QAreaSeries;
class QCategoryAxis;
class QChartView;
class QLabel;
class QLineSeries;
class QScatterSeries;

namespace headwater {

/// What the locked row reads (amber, by key position) or who reads the locked key (cyan, by query position),
/// over the whole sequence, whatever the map shows of it: the largest value of each bin on a √ scale. The
/// strips beside the map show the same on the map's scale. A click locks the heaviest token of its bin.
class ProfileChart : public QWidget {
    Q_OBJECT
public:
    enum class Of { Row, Key };
    /// More bins than pixels would only hide bins.
    static constexpr std::uint32_t kMostBins = 256;

    ProfileChart(Of of, Subject* subject, ViewReader* reader, QWidget* parent = nullptr);

    /// Reads what is locked now; while nobody looks (`isWanted` false), and without a lock, hides and reads
    /// nothing.
    void read(bool isWanted);
    /// The row or key whose profile this is to show; none without one.
    std::optional<std::uint32_t> token() const;

    const std::vector<ProfileBin>& bins() const { return m_answer.bins; }
    QChartView* chartView() const { return m_view; }
    /// "row 864 · p_model · 32 heaviest keys".
    QString note() const;
    /// "keys 2 000–2 015: 0.103" of the bin at a place of the chart view; empty where nothing is kept.
    QString valueAt(const QPointF& place) const;
    /// Where a token stands in the chart view.
    QPointF placeOf(std::uint32_t token) const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Answer {
        std::filesystem::path path; ///< the trace's
        HeadId head;
        std::uint32_t token = 0;
        RowSource source = RowSource::Blocks;
        bool isWhole = false; ///< of single keys, all that get anything
        std::uint32_t block = 1;
        std::size_t numBars = 0;
        bool isHeld = true; ///< false: this trace has no edges of this head
        std::vector<ProfileBin> bins;
        std::optional<Error> failure;
    };

    void take(Answer answer);
    void draw();
    void drawAxes(float most);
    void drawLock();
    void say(const QString& note, bool isCaution);
    QString noteOf(const Answer& answer) const;
    const ProfileBin* binUnder(const QPointF& place) const;
    void lockAt(const QPointF& place);
    void restyle();

    Of m_of;
    Subject* m_subject;
    ViewReader* m_reader;
    BackgroundJob* m_job;
    QLabel* m_note;
    QChartView* m_view;
    QLineSeries* m_top;
    QLineSeries* m_bottom;
    QAreaSeries* m_area;
    QScatterSeries* m_lock; ///< where the other locked token stands
    QCategoryAxis* m_tokenAxis;
    QCategoryAxis* m_massAxis; ///< of the square root
    Answer m_answer;
};

} // namespace headwater
