// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/main_window.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>

namespace headwater::testing {

/// What a person can type into, by what Qt has for it: of `window`, shown and enabled, in the order of the
/// tree. Lines inside a number's field or a choice are those.
inline QList<QWidget*> textFieldsOf(const QWidget& window)
{
    QList<QWidget*> fields;
    for (QWidget* const widget : window.findChildren<QWidget*>()) {
        const auto* const line = qobject_cast<QLineEdit*>(widget);
        const auto* const plain = qobject_cast<QPlainTextEdit*>(widget);
        const auto* const rich = qobject_cast<QTextEdit*>(widget);
        const auto* const number = qobject_cast<QAbstractSpinBox*>(widget);
        const auto* const choice = qobject_cast<QComboBox*>(widget);
        const bool isPart = line
            && (qobject_cast<QAbstractSpinBox*>(line->parentWidget())
                || qobject_cast<QComboBox*>(line->parentWidget()));
        const bool takesText = (line && !isPart && !line->isReadOnly()) || (plain && !plain->isReadOnly())
            || (rich && !rich->isReadOnly()) || (number && !number->isReadOnly())
            || (choice && choice->isEditable());
        if (takesText && widget->isVisible() && widget->isEnabled())
            fields.append(widget);
    }
    return fields;
}

inline QString textOf(const QWidget& field)
{
    if (const auto* const line = qobject_cast<const QLineEdit*>(&field))
        return line->text();
    if (const auto* const plain = qobject_cast<const QPlainTextEdit*>(&field))
        return plain->toPlainText();
    if (const auto* const choice = qobject_cast<const QComboBox*>(&field))
        return choice->currentText();
    return field.property("text").toString();
}

/// Empties a field whose text may be anything; false for a number's, which may not.
inline bool clearText(QWidget& field)
{
    if (auto* const line = qobject_cast<QLineEdit*>(&field))
        line->clear();
    else if (auto* const plain = qobject_cast<QPlainTextEdit*>(&field))
        plain->clear();
    else if (auto* const choice = qobject_cast<QComboBox*>(&field))
        choice->clearEditText();
    else
        return false;
    return true;
}

/// Every key that runs a command of the window by itself and is a character: "[", "S", "0".
inline QStringList characterKeysOf(const CommandTable& commands)
{
    QStringList keys;
    for (const CommandSpec& spec : commands.specs()) {
        for (const QString& key : spec.shortcut.split("; ", Qt::SkipEmptyParts)) {
            if (key.size() == 1)
                keys.append(key);
        }
    }
    return keys;
}

} // namespace headwater::testing
