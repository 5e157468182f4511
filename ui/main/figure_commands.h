// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/figure_export.h"
#include "ui/main/shell.h"

#include <QObject>

namespace headwater {

class CommandArguments;
class Workspaces;

/// The commands `file.export…`: the figure of the current workspace is written, and messages say what became
/// of it.
class FigureCommands : public QObject {
    Q_OBJECT
public:
    FigureCommands(const Shell& shell, Workspaces& workspaces, QObject* parent);

    bool isRunning() const { return m_export.isRunning(); }

signals:
    void changed(); ///< isRunning() may have

private:
    void tell();
    Result<void> write(const CommandArguments& arguments);

    Shell m_shell;
    Workspaces& m_workspaces;
    FigureExport m_export;
};

} // namespace headwater
