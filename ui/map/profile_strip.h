// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/profile.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/view_reader.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QWidget>

namespace headwater {

/// Beside the map, on its scale: right of it who reads the locked key (cyan), under it what the locked query
/// reads (amber). A row that is not in the trace's row table shows its query block and says so.
class ProfileStrip : public QWidget {
    Q_OBJECT
public:
    enum class Side { Right, Bottom };
    ProfileStrip(Side side, Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent = nullptr);

    const Profile& profile() const { return m_profile; }
    /// "mean of 16 rows (its block)" or "32 heaviest keys of this row"; empty while nothing is locked.
    QString note() const;
    /// "√ scale to 0.412": how the bars' lengths are to be read; empty without bars.
    QString scaleNote() const;
    /// "keys 2 000–2 015: 0.103" of the largest bar at a pixel of the strip's length; empty without one.
    QString valueAt(int pixel) const;

    static constexpr int kWidth = 62;
    static constexpr int kHeight = 72;
    static constexpr int kCaption = 14; ///< pixels above the bars of the lower strip

signals:
    void profileChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void read();
    std::optional<std::uint32_t> token() const;
    /// The largest value of the bars each pixel shows. Shape: one per pixel of the strip's length.
    std::vector<float> pixelValues() const;
    /// Pixels [first, last] a bar takes; none outside the strip.
    std::optional<std::pair<int, int>> pixelsOf(const Profile::Bar& bar) const;
    float largest() const;

    Side m_side;
    Subject* m_subject;
    MapLook* m_look;
    ViewReader* m_reader;
    BackgroundJob* m_job;
    Profile m_profile;
};

} // namespace headwater
