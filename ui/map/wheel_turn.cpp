// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/wheel_turn.h"

#include <QInputDevice>
#include <QNativeGestureEvent>
#include <QWheelEvent>
#include <cmath>

namespace headwater {

namespace {

constexpr double kWheelDoubles = 360; ///< eighths of a degree of wheel for a factor of two: three notches
constexpr double kPixelsOfAngle = 0.5; ///< a notch of 120 moves by 60 pixels

bool isOfPad(const QWheelEvent& event)
{
    return event.phase() != Qt::NoScrollPhase
        || (event.device() && event.device()->type() == QInputDevice::DeviceType::TouchPad);
}

} // namespace

WheelTurn turnOf(const QWheelEvent& event)
{
    const QPoint angle = event.angleDelta();
    WheelTurn turn;
    if (event.modifiers() & Qt::ControlModifier) {
        turn.factor = std::exp2(angle.y() / kWheelDoubles);
    } else if (isOfPad(event)) {
        turn.moved =
            event.pixelDelta().isNull() ? QPointF(angle) * kPixelsOfAngle : QPointF(event.pixelDelta());
    } else if (event.modifiers() & Qt::ShiftModifier) {
        turn.moved = QPointF(angle) * kPixelsOfAngle;
    } else if (std::abs(angle.x()) > std::abs(angle.y())) {
        turn.moved = QPointF(angle.x() * kPixelsOfAngle, 0);
    } else {
        turn.factor = std::exp2(angle.y() / kWheelDoubles);
    }
    return turn;
}

double pinchOf(const QEvent& event)
{
    if (event.type() != QEvent::NativeGesture)
        return 1;
    const auto& gesture = static_cast<const QNativeGestureEvent&>(event);
    return gesture.gestureType() == Qt::ZoomNativeGesture ? 1 + gesture.value() : 1; // the change of scale
}

} // namespace headwater
