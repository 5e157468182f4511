// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

class QToolButton;
class QWidget;

namespace headwater {

class CommandTable;

/// A button that is another face of a command: its own short text, everything else the action's.
QToolButton* makeActionButton(CommandTable& commands, const QString& id, const QString& text,
                              QWidget* parent);

} // namespace headwater
