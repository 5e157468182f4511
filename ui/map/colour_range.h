// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/code_histogram.h"
#include "ui/state/map_look.h"

#include <QWidget>
#include <optional>

namespace headwater {

/// Ends of the colour range that show what a head holds: from its lowest twentieth (log) or zero (linear) to
/// its largest value. Nothing when the histogram is empty.
struct ColourLimits {
    double low = 0;
    double high = 1;
};
std::optional<ColourLimits> fittedLimits(const CodeHistogram& histogram, bool logarithmic);

/// The colour bar with the histogram of what the shown head holds above it (counts have none; heights are
/// logarithms of counts), its scale below, and a handle at each end of the range. Drag a handle, or Tab to
/// one and use the arrows; a double click asks to fit.
class ColourRange : public QWidget {
    Q_OBJECT
public:
    explicit ColourRange(MapLook* look, QWidget* parent = nullptr);

    void setHistogram(const CodeHistogram& histogram);
    /// Counts have a scale of their own (one to `capacity` blocks a cell); the handles are then away.
    void setCapacity(double capacity);
    double capacity() const { return m_capacity; }
    /// What hatching stands for, where the shown map has nothing but hatching; empty: no such map. Takes the
    /// histogram's place, which is then empty.
    void setHatchLegend(const QString& legend);
    const QString& hatchLegend() const { return m_hatchLegend; }
    /// What the bar stands for at a pixel: a probability, or a number of blocks.
    QString valueText(double x) const;
    QSize sizeHint() const override;

signals:
    void fitRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Handle { None, Low, High };
    QRectF barRect() const;
    double placeOf(double probability) const; ///< pixels
    double probabilityAt(double x) const;
    void moveHandle(Handle handle, double probability);
    void paintHistogram(QPainter& painter) const;
    void paintHatchLegend(QPainter& painter) const;
    void paintTicks(QPainter& painter) const;
    void paintHandle(QPainter& painter, Handle handle) const;

    MapLook* m_look;
    CodeHistogram m_histogram;
    double m_capacity = 1;
    QString m_hatchLegend;
    Handle m_dragged = Handle::None;
    Handle m_focused = Handle::Low;
};

} // namespace headwater
