// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/subject.h"

#include <QtCharts/QChartView>
#include <vector>

class QBarSeries;
class QBarCategoryAxis;
class QValueAxis;

namespace headwater {

/// Kept mass of one layer: the mean over its heads. The heads' intervals are independent, so half-widths add
/// in squares.
struct LayerKeptMass {
    int layer = 0;
    int heads = 0; ///< finished heads with a known kept mass
    Interval mass;
};

/// Layers with at least one head whose kept mass is known.
std::vector<LayerKeptMass> keptMassByLayer(std::span<const HeadInfo> heads);

/// Kept mass by layer with its 95 % interval; a click shows a head of the layer. All layers of the model have
/// their place from the beginning, and while a run goes on the bars stand on zero: nothing that is shown
/// moves when another layer comes.
class KeptMassChart : public QChartView {
    Q_OBJECT
public:
    explicit KeptMassChart(Subject* subject, QWidget* parent = nullptr);

    const std::vector<LayerKeptMass>& layers() const { return m_layers; }
    /// Layers that are named under the chart: 0, 5, 10 …
    std::vector<int> namedLayers() const;
    /// What a layer's tooltip says; empty where nothing is known of it.
    QString factsOf(int layer) const;
    QSize sizeHint() const override { return {240, 110}; }
    QSize minimumSizeHint() const override { return {120, 70}; }

protected:
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fill();
    void restyle();
    /// Room for the numbers at both ends of the axis.
    bool hasRoomForNumbers() const;
    /// The layer under a point, known or not.
    std::optional<int> layerAt(const QPointF& point) const;
    QPointF placeOf(int layer, double share) const;
    void paintInterval(QPainter& painter, const LayerKeptMass& layer) const;

    Subject* m_subject;
    QBarSeries* m_series;
    QBarCategoryAxis* m_layerAxis;
    QValueAxis* m_massAxis;
    std::vector<LayerKeptMass> m_layers;
    int m_numLayers = 0; ///< of the model
    bool m_saysFloor = false; ///< the axis has room to say where the bars stand
};

} // namespace headwater
