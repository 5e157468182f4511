// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/dock_layout.h"
#include "ui/main/workspace.h"

#include <QByteArray>
#include <QMap>
#include <QObject>
#include <memory>
#include <vector>

class QMainWindow;

namespace headwater {

/// The workspaces of a window, each with its panels in a layout of its own, and which of them is shown or
/// will be when a trace is open. There is at least one.
class Workspaces : public QObject {
    Q_OBJECT
public:
    Workspaces(const std::vector<WorkspaceType>& types, const Shell& shell, QMainWindow& window);
    ~Workspaces() override;

    std::vector<Workspace*> all() const;
    Workspace& current() const { return *m_rooms[m_current].workspace; }
    const QString& currentId() const { return m_rooms[m_current].id; }
    DockLayout& panels() const { return *m_rooms[m_current].panels; }
    /// Panels belong to a trace: they are away while another page than a workspace's is shown.
    void setShown(bool shown);
    bool isShown() const { return m_isShown; }
    /// Nothing happens where there is no such workspace.
    void choose(const QString& id);

    QMap<QString, QByteArray> layouts() const;
    void restoreLayouts(const QMap<QString, QByteArray>& layouts);

    /// Of all workspaces, and which one is shown: for the next time the trace is opened.
    nlohmann::json save() const;
    void restore(const nlohmann::json& saved);

    /// The panels' content, for what must follow the theme.
    std::vector<QWidget*> docks() const;
    /// Puts the keys of a workspace's commands where they are meant: on its page and its panels.
    void placeKeys(const std::vector<CommandSpec>& specs, const CommandTable& commands);

signals:
    void currentChanged(); ///< another workspace
    void panelsChanged(); ///< one was shown or hidden
    void changed(); ///< what the current one allows
    void statusChanged(); ///< of the current one
    void messagePlaceChanged(); ///< of the current one
    void activityChanged();
    void failed(const headwater::Error& damage);

private:
    struct Room {
        QString id;
        std::unique_ptr<Workspace> workspace;
        DockLayout* panels = nullptr;
    };
    void listen(const Room& room);

    std::vector<Room> m_rooms;
    std::size_t m_current = 0;
    bool m_isShown = true;
};

} // namespace headwater
