// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/figure_commands.h"

#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/main/workspaces.h"

#include <utility>

namespace headwater {

FigureCommands::FigureCommands(const Shell& shell, Workspaces& workspaces, QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_workspaces(workspaces)
{
    m_shell.commands.bind(QStringLiteral("file.export"),
                          [this](const CommandArguments& arguments) { return write(arguments); });
    m_shell.commands.bind(QStringLiteral("file.export.cancel"),
                          [this](const CommandArguments&) -> Result<void> {
                              m_export.cancel();
                              return {};
                          });
    tell();
}

void FigureCommands::tell()
{
    connect(&m_export, &FigureExport::runningChanged, this, &FigureCommands::changed);
    connect(&m_export, &FigureExport::takesLong, this, [this](const QString& path) {
        m_shell.messages.say(
            MessageBar::Kind::Notice, tr("Writing the figure to %1 …").arg(path),
            {commandAction(m_shell.commands, QStringLiteral("file.export.cancel"), tr("Cancel"))},
            QStringLiteral("export"));
    });
    connect(&m_export, &FigureExport::cancelled, this, [this](const QString& path) {
        m_shell.messages.say(MessageBar::Kind::Notice,
                             tr("The export was cancelled: nothing was written to %1.").arg(path), {},
                             QStringLiteral("export"));
        emit changed();
    });
    connect(&m_export, &FigureExport::failed, this, [this](const Error& error) {
        m_shell.messages.say(
            MessageBar::Kind::Error, QString::fromStdString(error.text()),
            {commandAction(m_shell.commands, QStringLiteral("file.export"), tr("Export to another place…"))},
            QStringLiteral("export"));
        emit m_shell.errors.shown(error);
    });
    connect(&m_export, &FigureExport::written, this, [this](const QString& path, const QStringList& dropped) {
        const QString text = tr("The figure is in %1.").arg(path);
        m_shell.messages.say(MessageBar::Kind::Notice,
                             dropped.isEmpty() ? text
                                               : text
                                     + tr(" It had no room for: %1.").arg(dropped.join(QStringLiteral(", "))),
                             {}, QStringLiteral("export"));
        emit changed();
    });
}

Result<void> FigureCommands::write(const CommandArguments& arguments)
{
    HEADWATER_TRY_ASSIGN(WorkspaceFigure figure, m_workspaces.current().figure(arguments));
    if (const QString path = arguments.text("path"); !path.isEmpty())
        m_export.write(std::move(figure.write), path);
    else
        figure.ask(m_shell.window,
                   [this](FigureWriter writer, const QString& to) { m_export.write(std::move(writer), to); });
    return {};
}

} // namespace headwater
