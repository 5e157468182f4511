// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_figure.h"
#include "ui/main/command_line.h"
#include "ui/main/command_list.h"
#include "ui/state/location.h"

#include <QObject>
#include <QPoint>
#include <QString>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <vector>

class QWidget;

namespace headwater {

class CommandTable;
class History;
struct Shell;

/// Where a panel stands in the default layout. Left: stacked from the top. Right likewise. Bottom: from the
/// left.
enum class PanelPlace { Left, Right, Bottom };

/// One dock of a workspace. The window makes its toggle, `view.panel.<id>`.
struct PanelSpec {
    QString id; ///< "heads"
    QString title; ///< "Heads"
    PanelPlace place = PanelPlace::Left;
    int size = 0; ///< height (left, right) or width (bottom) it is given by default, in pixels
    int margin = 0; ///< around a panel that brings none of its own
};

/// One text of the status bar.
struct StatusText {
    const char* id; ///< "cell"
    QString name; ///< what it says, for those who hear the window
    QString text;
    bool isAtRight = false;
};

/// Writes a figure in the format of the path's extension. Runs in the background.
using FigureWriter = std::function<Result<FigureWritten>(const std::filesystem::path&, std::stop_token)>;

/// A figure that is to be written.
struct WorkspaceFigure {
    FigureWriter write; ///< as the arguments say
    /// Asks for its options and its place over the window, and calls `take` where it is to be written.
    std::function<void(QWidget& window, std::function<void(FigureWriter, const QString& path)> take)> ask;
};

/// A way to look at what is looked at (Subject): a page with panels around it, commands and keys, a state
/// that is kept with each trace, what the status bar says, and a figure. The window knows no more of it.
/// Lives in the UI thread.
class Workspace : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    /// Made once, and shown while the workspace is; it takes the keyboard or has a proxy that does.
    virtual QWidget* page() = 0;
    /// The content of a panel of its type; called once for each.
    virtual QWidget* makePanel(const QString& id, QWidget* parent) = 0;
    /// Binds the commands of its type.
    virtual void bind(CommandTable& commands) = 0;
    /// Whether a command of its type can be done now; asked while it is shown.
    virtual bool allows(const QString& command) const = 0;
    /// Looks at a place. Errors: InvalidArgument (no such head, token beyond the text), Unavailable (no trace
    /// is open).
    virtual Result<void> goTo(const Location& place) = 0;
    virtual History& history() = 0;
    /// True while something is on its way to the screen; work of BackgroundJobs below its widgets is known
    /// anyway.
    virtual bool isBusy() const = 0;
    virtual std::vector<StatusText> status() const = 0;
    /// Where messages of this width lie over the page, in its coordinates, so that the page does not fit
    /// itself anew under the hand; nothing: they stand above it.
    virtual std::optional<QPoint> messagePlace(int width) const = 0;
    /// Errors: Unavailable (there is none), InvalidArgument (by the argument's name).
    virtual Result<WorkspaceFigure> figure(const CommandArguments& arguments) const = 0;
    /// How a trace is looked at, for the next time it is opened.
    virtual nlohmann::json save() = 0;
    /// `saved`: of save(), or null; what is out of range is left as it is. Called when a trace was opened.
    virtual void restore(const nlohmann::json& saved) = 0;

signals:
    void changed(); ///< what allows() says
    void statusChanged();
    void messagePlaceChanged();
    void activityChanged(); ///< isBusy() may have changed
    void failed(const headwater::Error& damage); ///< part of the trace cannot be read
};

/// What is known of a workspace before there is a window.
struct WorkspaceType {
    QString id; ///< "explore"
    QString title; ///< "Explore"
    QString help; ///< what it is for, one line
    std::vector<CommandSpec> commands; ///< its own, in menu order
    std::vector<PanelSpec> panels; ///< in the order of the default layout
    std::function<std::unique_ptr<Workspace>(const Shell& shell)> make;
};

/// All commands of a window with these workspaces: explorerCommands() with those of the workspaces among
/// them, one for each workspace and one for each panel.
std::vector<CommandSpec> commandsWith(const std::vector<WorkspaceType>& types);
QString workspaceCommand(const QString& id);
QString panelCommand(const QString& id);

} // namespace headwater
