// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/panel_factory.h"

#include <QByteArray>
#include <QObject>
#include <map>
#include <vector>

class QDockWidget;
class QMainWindow;

namespace headwater {

/// The panels of a window as plain docks: made from their factories, in the default layout, hidden while no
/// trace is open.
class DockLayout : public QObject {
    Q_OBJECT
public:
    explicit DockLayout(QMainWindow& window);

    void build(const std::vector<PanelFactory>& panels, const PanelServices& services);
    const std::map<QString, QDockWidget*>& docks() const { return m_docks; }

    /// Panels belong to a trace: without one they are away, and come back as they were.
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
    QDockWidget* makeDock(const PanelFactory& panel, const PanelServices& services);

    QMainWindow& m_window;
    std::vector<PanelFactory> m_panels;
    std::map<QString, QDockWidget*> m_docks;
    QByteArray m_state; ///< while the panels are away
    bool m_shown = true;
};

} // namespace headwater
