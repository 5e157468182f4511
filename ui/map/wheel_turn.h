// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPointF>

class QEvent;
class QWheelEvent;

namespace headwater {

/// What a turn of the wheel, or two fingers on a pad, ask of a map: to zoom about the cursor, or to move.
struct WheelTurn {
    double factor = 1; ///< over 1: closer
    QPointF moved; ///< pixels that the picture moves by
};

/// The wheel zooms; with Shift it moves the picture up and down, tilted (or with Alt) sideways. Fingers on a
/// pad move it. With Ctrl both zoom.
WheelTurn turnOf(const QWheelEvent& event);
/// The factor of a pinch on a pad (a QNativeGestureEvent); 1: it is something else.
double pinchOf(const QEvent& event);

} // namespace headwater
