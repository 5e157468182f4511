// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/distance_profile.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/view_reader.h"

#include <QWidget>
#include <vector>

class QCategoryAxis;
class QChartView;
class QLabel;
class QLineSeries;
class QValueAxis;

namespace headwater {

/// How far back the shown head reads: mass by distance, logarithmic.
class DistanceChart : public QWidget {
    Q_OBJECT
public:
    DistanceChart(Subject* subject, ViewReader* reader, QWidget* parent = nullptr);

    const std::vector<DistancePoint>& curve() const { return m_answer.curve; }
    QSize sizeHint() const override { return {300, 160}; }

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Answer {
        HeadId head;
        std::vector<DistancePoint> curve;
        std::uint32_t block = 0;
        QString why; ///< there is no curve
    };

    void read();
    void take(Answer answer);
    void showDecades(double farthest);
    void restyle();

    Subject* m_subject;
    ViewReader* m_reader;
    BackgroundJob* m_job;
    QChartView* m_view;
    QLineSeries* m_series;
    QCategoryAxis* m_distanceAxis; ///< of the decimal logarithm
    QValueAxis* m_massAxis;
    QLabel* m_note;
    Answer m_answer;
};

} // namespace headwater
