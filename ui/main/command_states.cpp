// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_states.h"

#include "ui/main/command_table.h"
#include "ui/main/figure_commands.h"
#include "ui/main/file_session.h"
#include "ui/main/find_session.h"
#include "ui/main/history.h"
#include "ui/main/pages.h"
#include "ui/main/workspaces.h"
#include "ui/run/run_session.h"
#include "ui/state/subject.h"

#include <QAction>

namespace headwater {

CommandStates::CommandStates(const Shell& shell, Pages& pages, Workspaces& workspaces,
                             FigureCommands& figures)
    : QObject(&shell.window)
    , m_shell(shell)
    , m_pages(pages)
    , m_workspaces(workspaces)
    , m_figures(figures)
{
    connect(&pages, &Pages::pageChanged, this, &CommandStates::update);
    connect(&workspaces, &Workspaces::changed, this, &CommandStates::update);
    connect(&workspaces, &Workspaces::currentChanged, this, &CommandStates::update);
    connect(&workspaces, &Workspaces::panelsChanged, this, &CommandStates::update);
    connect(&figures, &FigureCommands::changed, this, &CommandStates::update);
    connect(&shell.subject, &Subject::lockedChanged, this, &CommandStates::update);
    connect(&shell.subject, &Subject::traceChanged, this, &CommandStates::update);
    connect(&shell.find, &FindSession::findHitsChanged, this, &CommandStates::update);
    connect(&shell.files, &FileSession::recentChanged, this, &CommandStates::update);
    connect(&shell.run, &RunSession::runningChanged, this, &CommandStates::update);
    update();
}

/// Of a command that acts on what a workspace shows.
bool CommandStates::isAllowed(const QString& id, const QString& workspace) const
{
    const Workspace& current = m_workspaces.current();
    const History& history = m_workspaces.current().history();
    if (id == QLatin1String("go.back"))
        return history.canGoBack();
    if (id == QLatin1String("go.forward"))
        return history.canGoForward();
    if (id == QLatin1String("edit.undo"))
        return history.canUndo();
    if (id == QLatin1String("edit.redo"))
        return history.canRedo();
    if (id == QLatin1String("select.clear"))
        return m_shell.subject.locked() != TokenPair{};
    return workspace == QLatin1String(kAnyWorkspace)
        || (workspace == m_workspaces.currentId() && current.allows(id));
}

void CommandStates::followWorkspaces()
{
    const bool isShown = m_shell.subject.trace() && m_pages.page() == Pages::Page::Workspace;
    for (const CommandSpec& spec : m_shell.commands.specs()) {
        if (!spec.workspace.isEmpty() && spec.id != QLatin1String("-"))
            m_shell.commands.action(spec.id)->setEnabled(isShown && isAllowed(spec.id, spec.workspace));
    }
    for (const auto& [id, dock] : m_workspaces.panels().docks())
        m_shell.commands.action(panelCommand(id))->setChecked(m_workspaces.panels().isPanelVisible(id));
}

void CommandStates::update()
{
    const auto enable = [this](const char* id, bool on) {
        m_shell.commands.action(QLatin1String(id))->setEnabled(on);
    };
    const std::shared_ptr<const Trace> trace = m_shell.subject.trace();
    const bool isRunning = m_shell.run.isRunning();
    followWorkspaces();
    for (const Workspace* const workspace : m_workspaces.all()) {
        QAction* const action = m_shell.commands.action(workspaceCommand(workspace->objectName()));
        action->setEnabled(trace != nullptr);
        action->setChecked(workspace == &m_workspaces.current());
    }
    for (const char* id :
         {"file.close", "file.export", "edit.copy_command", "find.text", "go.answer", "help.verdict"})
        enable(id, trace != nullptr);
    for (const char* id : {"find.next", "find.previous", "find.lock", "find.clear"})
        enable(id, !m_shell.find.hits().empty());
    enable("file.recent", !m_shell.files.recent().isEmpty());
    enable("run.cancel", isRunning);
    enable("run.start", !isRunning);
    enable("run.resume", trace && !trace->isSealed() && !isRunning);
    enable("file.export.cancel", m_figures.isRunning());
}

} // namespace headwater
