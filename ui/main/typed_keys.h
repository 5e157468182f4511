// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

class QKeyEvent;
class QWidget;

namespace headwater {

/// Whether a widget takes what is typed as text: a line, an editor, a number's field, a choice that can be
/// edited.
bool takesText(const QWidget& widget);

/// Whether a press types a character, rather than asking for a command: with AltGr, which platforms tell in
/// ways of their own, with Shift or on a keypad too, but in no chord of Ctrl, Alt or Meta.
bool typesText(const QKeyEvent& press);

/// While a text field of the program has the keyboard, what it would type is its own: no shortcut of a window
/// is asked, whatever the layout. (Qt's own fields keep plain and shifted characters alone: with AltGr, "["
/// of a German keyboard runs the command of that key, and where presses come quickly the command of its
/// unshifted character.)
class TypedKeys : public QObject {
public:
    /// Watches the whole application until `parent` goes.
    explicit TypedKeys(QObject* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace headwater
