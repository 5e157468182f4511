// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPaintDevice>
#include <QPaintEngine>
#include <QSize>
#include <QStringList>

namespace headwater::test {

/// A surface that keeps the words that are painted on it, and nothing else.
class PaintedWords : public QPaintDevice {
public:
    explicit PaintedWords(const QSize& size)
        : m_size(size)
    {
    }
    const QStringList& words() const { return m_engine.words; }
    QPaintEngine* paintEngine() const override { return &m_engine; }

protected:
    int metric(PaintDeviceMetric metric) const override
    {
        switch (metric) {
        case PdmWidth:
            return m_size.width();
        case PdmHeight:
            return m_size.height();
        case PdmDevicePixelRatioScaled:
            return static_cast<int>(devicePixelRatioFScale());
        case PdmDpiX:
        case PdmDpiY:
        case PdmPhysicalDpiX:
        case PdmPhysicalDpiY:
            return 96;
        default:
            return 1;
        }
    }

private:
    struct Engine : QPaintEngine {
        QStringList words;

        Engine()
            : QPaintEngine(AllFeatures)
        {
        }
        bool begin(QPaintDevice*) override { return true; }
        bool end() override { return true; }
        void updateState(const QPaintEngineState&) override { }
        void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override { }
        void drawPath(const QPainterPath&) override { }
        void drawPolygon(const QPointF*, int, PolygonDrawMode) override { }
        void drawTextItem(const QPointF&, const QTextItem& item) override { words += item.text(); }
        Type type() const override { return User; }
    };

    QSize m_size;
    mutable Engine m_engine;
};

} // namespace headwater::test
