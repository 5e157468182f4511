// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/action_button.h"

#include "ui/main/command_table.h"

#include <QAction>
#include <QToolButton>

namespace headwater {

QToolButton* makeActionButton(CommandTable& commands, const QString& id, const QString& text, QWidget* parent)
{
    QAction* const action = commands.action(id);
    auto* const button = new QToolButton(parent);
    button->setObjectName(QStringLiteral("button.") + id);
    button->setAccessibleName(action->text());
    button->setText(text);
    button->setToolTip(action->toolTip());
    button->setCheckable(action->isCheckable());
    button->setChecked(action->isChecked());
    button->setEnabled(action->isEnabled());
    button->setFocusPolicy(Qt::TabFocus);
    QObject::connect(button, &QToolButton::clicked, action, [action, button] {
        action->trigger();
        button->setChecked(action->isChecked());
    });
    QObject::connect(action, &QAction::changed, button, [action, button] {
        button->setChecked(action->isChecked());
        button->setEnabled(action->isEnabled());
    });
    return button;
}

} // namespace headwater
