// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/workspace.h"

#include <QByteArray>
#include <QObject>
#include <map>
#include <vector>

class QDockWidget;
class QMainWindow;

namespace headwater {

/// The panels of a workspace as plain docks of a window: in the default layout at first, away while another
/// workspace or page is shown.
class DockLayout : public QObject {
    Q_OBJECT
public:
    /// Makes the docks and their contents.
    DockLayout(QMainWindow& window, const std::vector<PanelSpec>& panels, Workspace& workspace);

    const std::map<QString, QDockWidget*>& docks() const { return m_docks; }

    /// Away, they come back as they were.
    void setShown(bool shown);
    bool isShown() const { return m_shown; }
    void setPanelVisible(const QString& id, bool visible);
    bool isPanelVisible(const QString& id) const;
    void reset();

    QByteArray state() const;
    void restore(const QByteArray& state);

signals:
    void panelsChanged();

private:
    void arrange();
    void polishParts();
    QDockWidget* makeDock(const PanelSpec& panel, Workspace& workspace);

    QMainWindow& m_window;
    std::vector<PanelSpec> m_panels;
    std::map<QString, QDockWidget*> m_docks;
    QByteArray m_state; ///< while the panels are away
    bool m_shown = true;
};

} // namespace headwater
