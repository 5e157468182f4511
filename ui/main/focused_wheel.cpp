// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/focused_wheel.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QScrollBar>

namespace headwater {

namespace {

bool isField(const QObject* object)
{
    const bool isSlider =
        qobject_cast<const QAbstractSlider*>(object) && !qobject_cast<const QScrollBar*>(object);
    return isSlider || qobject_cast<const QComboBox*>(object)
        || qobject_cast<const QAbstractSpinBox*>(object);
}

} // namespace

FocusedWheel::FocusedWheel(QObject* parent)
    : QObject(parent)
{
    qApp->installEventFilter(this);
}

bool FocusedWheel::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::Wheel || !isField(watched)
        || static_cast<const QWidget*>(watched)->hasFocus())
        return false;
    event->ignore(); // it goes on to what the field lies in
    return true;
}

} // namespace headwater
