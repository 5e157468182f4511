// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_renderer.h"

#include <QImage>

namespace headwater {

/// The map drawn by the CPU into an image of device pixels.
class RasterMapRenderer : public MapRenderer {
public:
    QString name() const override;
    void prepare(const MapFrame& frame) override;
    void paint(QPainter& painter) const override;

    /// The prepared picture.
    const QImage& image() const { return m_image; }

private:
    QImage m_image;
};

} // namespace headwater
