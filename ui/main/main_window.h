// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/engine_client.h"
#include "ui/bridge/locked_place_reader.h"
#include "ui/bridge/predicted_rows_reader.h"
#include "ui/bridge/trace_session.h"
#include "ui/bridge/view_reader.h"
#include "ui/main/command_table.h"
#include "ui/main/dock_layout.h"
#include "ui/main/figure_export.h"
#include "ui/main/file_session.h"
#include "ui/main/find_session.h"
#include "ui/main/message_bar.h"
#include "ui/main/panel_factory.h"
#include "ui/main/view_history.h"
#include "ui/main/window_settings.h"
#include "ui/run/run_session.h"
#include "ui/theme/themed_parts.h"

#include <QMainWindow>
#include <QPalette>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

class QStackedWidget;

namespace headwater {

class MapPane;
class RunPage;
class StatusStrip;
class TopBar;
class VerdictCard;
class ViewCommands;
class WelcomePage;

/// What a window is made with.
struct WindowOptions {
    QString engineProgram;
    QStringList engineArguments{QStringLiteral("serve")};
    std::vector<PanelFactory> panels;
    QString theme; ///< empty: as the settings say
    std::function<bool()> desktopIsDark = [] {
        return true;
    }; ///< asked again when the desktop's theme changes
    FigureExport::Writer figureWriter = heatmapWriter();
    bool restore = true; ///< false: default layout, nothing is remembered (scripts, screenshots, tests)
};

/// The explorer's window. It makes the parts and wires them; what they do is theirs.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(const WindowOptions& options);
    ~MainWindow() override;

    CommandTable& commands() { return *m_commands; }
    Subject& subject() { return m_subject; }
    MapLook& mapLook() { return m_mapLook; }
    TextLook& textLook() { return m_textLook; }
    ExploreView view() { return {m_subject, m_mapLook, m_textLook}; }
    RunSession& runSession() { return m_run; }
    EngineClient& engine() { return m_engine; }
    TraceSession& session() { return m_session; }
    FindSession& find() { return m_find; }
    FileSession& files() { return m_files; }
    MapPane* map() const { return m_map; }
    MessageBar* messageBar() const { return m_messages; }

    /// True when nothing is on its way to the screen: no file being opened, no search, no tile, no panel's
    /// work.
    bool isSettled() const;
    /// Writes the status bar anew; it follows the map with a small delay, which a screenshot would show.
    void showStatus();

signals:
    /// isSettled() may have changed.
    void activityChanged();
    /// An error was shown (scripts end with it).
    void errorShown(const headwater::Error& error);

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    enum class Page { Welcome, Map, Run };
    void makeParts(const WindowOptions& options);
    void restoreSettings(const WindowSettings& settings);
    void bindFileCommands();
    void bindEditCommands();
    void bindFindCommands();
    void bindRunCommands();
    void bindExactCommands();
    void bindWindowCommands();
    void bindPanelCommands(const std::vector<PanelFactory>& panels);
    void wireMessages();
    void wireFiles();
    void wireRun();
    void wireView();
    void watchJobs();
    void showPage(Page page);
    /// The open trace's map, in front of whatever page lies over it: for what leads to a place on it.
    void showMap();
    /// Over the map (which would fit itself anew under the hand) messages float; elsewhere they stand above.
    void placeMessages();
    /// In the bar in place of what was said about `topic`; by itself the path, or the last command.
    void showError(const Error& error, const QString& path = {}, const QString& topic = {});
    /// The prompt in `path` is of another encoding: the button that has the next run convert it.
    void offerConversion(const QString& path, const EncodingSign& sign);
    /// Part of the open trace cannot be read: said once, however many views want it.
    void showDamage(const Error& failure);
    void showTrace(const nlohmann::json& savedView);
    void saveView();
    void setTheme(const QString& theme);
    void followDesktop();
    void showRecent();
    /// The button of a message that triggers a command, or the same once `trace` is the open one.
    MessageAction commandAction(const QString& command, const QString& text);
    MessageAction traceAction(const QString& id, const QString& text, const QString& trace,
                              const QString& command);
    Result<void> findText(const CommandArguments& arguments);
    Result<void> stepHits(int direction);
    QString caseWords() const;
    MessageAction caseAction();
    /// Of this search and those to come.
    void setMatchesCase(bool matches);
    Result<void> exportFigure(const CommandArguments& arguments);
    Result<void> newRun(const CommandArguments& arguments);
    void startRun(const RunRequest& request);
    void showEngineDeath(const QString& why);
    void runEnded(const QString& trace, const nlohmann::json& report);
    void runFailed(const Error& error, const QString& trace);
    void showVerdict();
    void updateActions();

    bool m_restore;
    std::function<bool()> m_askDesktop;
    bool m_desktopIsDark = true;
    QPalette m_ownPalette; ///< that of the theme; another one comes from the desktop
    QString m_theme;
    QStringList m_toldDamage; ///< of the open trace
    QString m_lostRun; ///< what became of the run that the engine took with it
    std::optional<std::pair<QString, std::function<void()>>>
        m_afterOpening; ///< to do once that trace is open

    Subject m_subject;
    MapLook m_mapLook;
    TextLook m_textLook;
    ViewReader m_reader{&m_subject}; ///< before the parts that read through it
    EngineClient m_engine;
    RunSession m_run;
    TraceSession m_session;
    LockedPlaceReader m_lockedPlace{m_subject, m_reader, m_session};
    PredictedRowsReader m_predictedRows{m_subject, m_textLook, m_session};
    FileSession m_files;
    FindSession m_find;
    FigureExport m_figure;
    ViewHistory m_history;
    DockLayout m_docks;
    ThemedParts* m_parts = nullptr;
    CommandTable* m_commands = nullptr;
    ViewCommands* m_viewCommands = nullptr;

    TopBar* m_top = nullptr;
    MessageBar* m_messages = nullptr;
    QStackedWidget* m_pages = nullptr;
    WelcomePage* m_welcome = nullptr;
    MapPane* m_map = nullptr;
    RunPage* m_runPage = nullptr;
    StatusStrip* m_status = nullptr;
    VerdictCard* m_verdictCard = nullptr;
};

} // namespace headwater
