// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_renderer.h"

#include <QImage>

namespace headwater {

/// The map drawn by the CPU into an image of device pixels.
class RasterMapRenderer : public MapRenderer {
public:
    QString name() const override;
    void paint(QPainter& painter, const MapFrame& frame) override;

    /// The picture alone. Cost: O(device pixels).
    const QImage& render(const MapFrame& frame);

private:
    QImage m_image;
};

} // namespace headwater
