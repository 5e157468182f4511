// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/typed_keys.h"

#include <QApplication>
#include <QKeyEvent>
#include <QWidget>

namespace headwater {

bool takesText(const QWidget& widget)
{
    // What an input method may write into, of Qt's own widgets and of ours.
    return widget.isEnabled() && widget.testAttribute(Qt::WA_InputMethodEnabled)
        && !widget.inputMethodQuery(Qt::ImReadOnly).toBool();
}

bool typesText(const QKeyEvent& press)
{
    const Qt::KeyboardModifiers chord =
        press.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
    const bool isAltGr = chord == (Qt::ControlModifier | Qt::AltModifier);
    const QString text = press.text();
    return (!chord || isAltGr) && !text.isEmpty() && (text.at(0).isPrint() || text.at(0).isSurrogate());
}

TypedKeys::TypedKeys(QObject* parent)
    : QObject(parent)
{
    qApp->installEventFilter(this);
}

bool TypedKeys::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::ShortcutOverride || !watched->isWidgetType())
        return false;
    const auto& press = static_cast<const QKeyEvent&>(*event);
    // Esc gives up what is typed there; what is locked has nothing to do with it.
    const bool isOfText = typesText(press) || press.key() == Qt::Key_Escape;
    if (!isOfText || !takesText(static_cast<const QWidget&>(*watched)))
        return false;
    event->accept();
    return true;
}

} // namespace headwater
