// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/window_commands.h"

#include "ui/bridge/engine_client.h"
#include "ui/main/command_box.h"
#include "ui/main/command_table.h"
#include "ui/main/message_bar.h"
#include "ui/main/pages.h"
#include "ui/main/top_bar.h"
#include "ui/main/workspaces.h"
#include "ui/state/subject.h"
#include "ui/verdict/verdict_card.h"

#include <QAction>
#include <QPushButton>

namespace headwater {

namespace {

constexpr int kCardGap = 8; ///< pixels between the pill and the card it opens

} // namespace

WindowCommands::WindowCommands(const Shell& shell, const std::vector<WorkspaceType>& types, Pages& pages,
                               Workspaces& workspaces, TopBar& top, VerdictCard& card)
    : QObject(&shell.window)
    , m_shell(shell)
    , m_pages(pages)
    , m_workspaces(workspaces)
    , m_top(top)
    , m_card(card)
{
    bindWorkspaces(types);
    bindHelp();
}

void WindowCommands::bindWorkspaces(const std::vector<WorkspaceType>& types)
{
    for (const WorkspaceType& type : types) {
        m_shell.commands.bind(workspaceCommand(type.id),
                              [this, id = type.id](const CommandArguments&) -> Result<void> {
                                  if (!m_shell.subject.trace())
                                      return unavailable(tr("no trace is open"));
                                  m_workspaces.choose(id);
                                  m_pages.show(Pages::Page::Workspace);
                                  return {};
                              });
        for (const PanelSpec& panel : type.panels)
            m_shell.commands.bind(panelCommand(panel.id),
                                  [this, id = panel.id](const CommandArguments& arguments) -> Result<void> {
                                      HEADWATER_TRY_ASSIGN(const std::optional<bool> on,
                                                           arguments.flag("on"));
                                      DockLayout& panels = m_workspaces.panels();
                                      if (!panels.docks().contains(id))
                                          return unavailable(tr("this panel belongs to another workspace"));
                                      panels.setPanelVisible(id, on.value_or(!panels.isPanelVisible(id)));
                                      return {};
                                  });
    }
    m_shell.commands.bind(QStringLiteral("view.layout.reset"),
                          [this](const CommandArguments&) -> Result<void> {
                              m_workspaces.panels().reset();
                              return {};
                          });
    m_shell.commands.bind(QStringLiteral("view.fullscreen"), [this](const CommandArguments&) -> Result<void> {
        QWidget& window = m_shell.window;
        window.setWindowState(window.windowState() ^ Qt::WindowFullScreen);
        m_shell.commands.action(QStringLiteral("view.fullscreen"))->setChecked(window.isFullScreen());
        return {};
    });
}

void WindowCommands::bindHelp()
{
    for (const char* const id : {"view.palette", "help.commands"})
        m_shell.commands.bind(QLatin1String(id), [this](const CommandArguments&) -> Result<void> {
            m_top.commandBox()->openFor(CommandBox::Prefer::Commands);
            return {};
        });
    m_shell.commands.bind(QStringLiteral("help.verdict"), [this](const CommandArguments&) -> Result<void> {
        showVerdict();
        return {};
    });
    m_shell.commands.bind(QStringLiteral("help.about"), [this](const CommandArguments&) -> Result<void> {
        showAbout();
        return {};
    });
}

void WindowCommands::showVerdict()
{
    if (!m_card.isHidden())
        return m_card.hide();
    const QPushButton* const pill = m_top.verdictPill();
    if (m_shell.subject.trace() && m_top.verdict())
        m_card.showFor(*m_shell.subject.trace(), *m_top.verdict(),
                       pill->mapTo(&m_shell.window, QPoint(0, pill->height() + kCardGap)));
}

void WindowCommands::showAbout()
{
    const EngineHello& hello = m_shell.engine.hello();
    const QString engine = hello.version.isEmpty()
        ? tr("the engine has not been started")
        : tr("engine %1, %2, %3 threads").arg(hello.version, hello.gemm).arg(hello.threads);
    m_shell.messages.say(
        MessageBar::Kind::Notice,
        tr("Headwater %1 · GPL-3.0-or-later · %2").arg(QStringLiteral(HEADWATER_VERSION), engine));
}

} // namespace headwater
