// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/engine_client.h"
#include "ui/bridge/trace_session.h"
#include "ui/bridge/view_reader.h"
#include "ui/main/command_table.h"
#include "ui/main/file_session.h"
#include "ui/main/find_session.h"
#include "ui/main/shell.h"
#include "ui/main/window_settings.h"
#include "ui/main/workspace.h"
#include "ui/run/run_session.h"
#include "ui/state/subject.h"

#include <QMainWindow>
#include <functional>
#include <vector>

namespace headwater {

class CommandStates;
class ErrorReports;
class FigureCommands;
class MessageBar;
class Pages;
class RunPage;
class StatusStrip;
class ThemedParts;
class TopBar;
class VerdictCard;
class WelcomePage;
class WindowTheme;
class Workspaces;

/// What a window is made with.
struct WindowOptions {
    QString engineProgram;
    QStringList engineArguments{QStringLiteral("serve")};
    std::vector<WorkspaceType> workspaces; ///< at least one; the first is shown first
    QString theme; ///< empty: as the settings say
    std::function<bool()> desktopIsDark = [] {
        return true;
    }; ///< asked again when the desktop's theme changes
    bool restore = true; ///< false: default layout, nothing is remembered (scripts, screenshots, tests)
};

/// The explorer's window: what is looked at, the run, the messages, the commands, and a list of workspaces.
/// It makes the parts and lets them hear of each other; what they do is theirs.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(const WindowOptions& options);
    ~MainWindow() override;

    CommandTable& commands() { return *m_commands; }
    Subject& subject() { return m_subject; }
    RunSession& runSession() { return m_run; }
    EngineClient& engine() { return m_engine; }
    TraceSession& session() { return m_session; }
    FindSession& find() { return m_find; }
    FileSession& files() { return m_files; }
    MessageBar* messageBar() const { return m_messages; }
    Workspaces& workspaces() const { return *m_workspaces; }

    /// True when nothing is on its way to the screen: no file being opened, no search, nothing of the shown
    /// workspace, no panel's work.
    bool isSettled() const;
    /// Writes the status bar anew; it follows the workspace with a small delay, which a screenshot would
    /// show.
    void showStatus();

signals:
    /// isSettled() may have changed.
    void activityChanged();
    /// An error was shown (scripts end with it).
    void errorShown(const headwater::Error& error);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeParts(const WindowOptions& options);
    void makeCommands(const Shell& shell, const WindowOptions& options);
    void styleParts();
    void fitScreen();
    void restoreSettings(const WindowSettings& settings);
    void wireFiles();
    void wireWorkspaces();
    void watchJobs();
    void showTrace(const nlohmann::json& savedView);
    void saveView();

    bool m_restore;
    Subject m_subject;
    ViewReader m_reader{&m_subject}; ///< before the parts that read through it
    EngineClient m_engine;
    RunSession m_run;
    TraceSession m_session;
    FileSession m_files;
    FindSession m_find;
    ThemedParts* m_parts = nullptr;
    CommandTable* m_commands = nullptr;
    WindowTheme* m_theme = nullptr;

    TopBar* m_top = nullptr;
    MessageBar* m_messages = nullptr;
    ErrorReports* m_errors = nullptr;
    Pages* m_pages = nullptr;
    WelcomePage* m_welcome = nullptr;
    RunPage* m_runPage = nullptr;
    StatusStrip* m_status = nullptr;
    Workspaces* m_workspaces = nullptr;
    FigureCommands* m_figures = nullptr;
};

} // namespace headwater
