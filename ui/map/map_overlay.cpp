// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_overlay.h"

#include "ui/map/view_geometry.h"
#include "ui/theme/fonts.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QRegion>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kFrameFrom = 12; ///< pixels a block needs to be framed
constexpr double kBandFrom = 5; ///< pixels a token needs to be outlined rather than crossed by a line

QColor withAlpha(QColor colour, double alpha)
{
    colour.setAlphaF(static_cast<float>(alpha));
    return colour;
}

/// With the pixels around it.
QRegion grown(const QRegion& region)
{
    const QRegion wide = region | region.translated(-1, 0) | region.translated(1, 0);
    return wide | wide.translated(0, -1) | wide.translated(0, 1);
}

/// Without the pixels at its edge.
QRegion shrunk(const QRegion& region)
{
    const QRegion narrow = region & region.translated(-1, 0) & region.translated(1, 0);
    return narrow & narrow.translated(0, -1) & narrow.translated(0, 1);
}

} // namespace

QRectF tokenRect(const MapViewport& viewport, const TokenPair& pair)
{
    const QPointF at = pixelAt(viewport, pair.key.value_or(0), pair.query.value_or(0));
    return {at.x(), at.y(), std::max(1.0, 1 / viewport.tokensPerPixel),
            std::max(1.0, 1 / viewport.queryTokensPerPixel())};
}

void paintCross(QPainter& painter, const MapViewport& viewport, const QSizeF& size, std::uint32_t seqLen,
                const TokenPair& pair, double strength, bool isBoxed, const Theme& theme)
{
    if (!pair.query && !pair.key)
        return;
    const QRectF token = tokenRect(viewport, pair);
    const QPointF first = pixelAt(viewport, 0, 0);
    const QPointF end = pixelAt(viewport, seqLen, seqLen);
    const QRectF map(QPointF(std::max(0.0, first.x()), std::max(0.0, first.y())),
                     QPointF(std::min(size.width(), end.x()), std::min(size.height(), end.y())));
    const bool band = std::min(token.width(), token.height()) >= kBandFrom;
    const double x = std::floor(token.center().x()) + 0.5;
    const double y = std::floor(token.center().y()) + 0.5;
    painter.setBrush(Qt::NoBrush);
    // A dark (light) line under each keeps them readable on cells of their own colour.
    const auto stroke = [&](const QColor& colour, auto draw) {
        painter.setPen(QPen(withAlpha(theme.ground, 0.55 * strength), 3));
        draw();
        painter.setPen(QPen(withAlpha(colour, strength), 1));
        draw();
    };
    if (pair.query) {
        stroke(theme.query, [&] {
            if (band)
                painter.drawRect(
                    QRectF(map.left() + 0.5, token.top() + 0.5, map.width() - 1, token.height() - 1));
            else
                painter.drawLine(QPointF(map.left(), y), QPointF(map.right(), y));
        });
    }
    if (pair.key) {
        stroke(theme.key, [&] {
            if (band)
                painter.drawRect(
                    QRectF(token.left() + 0.5, map.top() + 0.5, token.width() - 1, map.height() - 1));
            else
                painter.drawLine(QPointF(x, map.top()), QPointF(x, map.bottom()));
        });
    }
    if (pair.query && pair.key && isBoxed) {
        const QRectF box = band ? token.adjusted(0.5, 0.5, -0.5, -0.5) : QRectF(x - 4.5, y - 4.5, 9, 9);
        // Light around dark or dark around light: seen on every cell.
        painter.setPen(QPen(withAlpha(theme.dark ? QColor(Qt::black) : QColor(Qt::white), strength), 3.5));
        painter.drawRect(box);
        painter.setPen(QPen(withAlpha(theme.dark ? QColor(Qt::white) : theme.text, strength), 1.5));
        painter.drawRect(box);
    }
}

void paintSomewhere(QPainter& painter, const MapViewport& viewport, const KnownPair::Block& block,
                    double strength, const Theme& theme)
{
    const QPointF first = pixelAt(viewport, block.keys.begin, block.queries.begin);
    const QPointF end = pixelAt(viewport, std::min(block.keys.end, block.queries.end), block.queries.end);
    const QRectF frame(QPointF(std::floor(first.x()) + 0.5, std::floor(first.y()) + 0.5),
                       QPointF(std::floor(end.x()) + 0.5, std::floor(end.y()) + 0.5));
    if (std::min(frame.width(), frame.height()) < kFrameFrom)
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(withAlpha(theme.ground, 0.55 * strength), 3));
    painter.drawRect(frame);
    QPen dashed(withAlpha(theme.dim, std::max(strength, 0.85)), 1);
    dashed.setDashPattern({3, 2});
    painter.setPen(dashed);
    painter.drawRect(frame);
    painter.setFont(wordsFont(11));
    const QString text = QCoreApplication::translate("mapOverlay", "somewhere here");
    const QFontMetricsF metrics(painter.font());
    // At the top, as recorded rows, which are no part of what is meant, are a prompt's last.
    const QRectF label(frame.left() + 1, std::max(0.0, frame.top()) + 1, metrics.horizontalAdvance(text) + 12,
                       metrics.height() + 4);
    if (label.width() > frame.width() - 2 || label.height() > frame.height() / 2)
        return;
    painter.fillRect(label, withAlpha(theme.ground, 0.85));
    painter.setPen(theme.dim);
    painter.drawText(label, Qt::AlignCenter, text);
}

void paintZoomBox(QPainter& painter, const QRectF& box, const Theme& theme)
{
    painter.setPen(QPen(theme.selected, 1));
    painter.setBrush(withAlpha(theme.selected, 0.12));
    painter.drawRect(box);
}

void paintFocus(QPainter& painter, const QRectF& area, const Theme& theme)
{
    painter.setPen(QPen(theme.selected, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(area.adjusted(1, 1, -1, -1));
}

void paintExactAreas(QPainter& painter, const MapViewport& viewport, std::span<const ExactArea> areas,
                     const QString& quantity, const Theme& theme)
{
    painter.setFont(wordsFont(11));
    const QFontMetricsF metrics(painter.font());
    const QSizeF words(metrics.horizontalAdvance(quantity) + 10, metrics.height() + 4);
    const QRectF view = painter.viewport();
    QRegion all;
    QRectF largest; // with room for the words: what lies between areas is none of them
    for (const ExactArea& area : areas) {
        const QRectF place(pixelAt(viewport, area.keys.begin, area.rows.begin),
                           pixelAt(viewport, area.keys.end, area.rows.end));
        all += place.intersected(view.adjusted(-8, -8, 8, 8)).toAlignedRect();
        const QRectF shown = place.adjusted(3, 3, -3, -3).intersected(view.adjusted(4, 4, -4, -4));
        if (shown.width() >= words.width() && shown.height() >= words.height()
            && shown.width() * shown.height() > largest.width() * largest.height())
            largest = shown;
    }
    const QRegion inside = shrunk(all);
    for (const QRect& part : grown(all) - shrunk(inside))
        painter.fillRect(part, withAlpha(theme.window, 0.7));
    for (const QRect& part : all - inside)
        painter.fillRect(part, theme.text);
    painter.setPen(theme.text);
    if (largest.isEmpty())
        return;
    const QRectF label(largest.bottomLeft() - QPointF(0, words.height()), words);
    painter.fillRect(label, withAlpha(theme.window, 0.9));
    painter.drawText(label, Qt::AlignCenter, quantity);
}

} // namespace headwater
