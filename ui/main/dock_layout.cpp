// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/dock_layout.h"

#include "ui/theme/fonts.h"

#include <QDockWidget>
#include <QLabel>
#include <QLayout>
#include <QMainWindow>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kStateVersion = 1;
constexpr int kLeftWidth = 264;
constexpr int kRightWidth = 336;
constexpr int kBottomHeight = 212;

Qt::DockWidgetArea areaOf(PanelPlace place)
{
    switch (place) {
    case PanelPlace::Left:
        return Qt::LeftDockWidgetArea;
    case PanelPlace::Right:
        return Qt::RightDockWidgetArea;
    case PanelPlace::Bottom:
        break;
    }
    return Qt::BottomDockWidgetArea;
}

/// The dock's title as the design has it; a label lets the dock be dragged by it.
QWidget* makeTitle(const QString& text, QWidget* parent)
{
    auto* const title = new QLabel(text.toUpper(), parent);
    title->setProperty("role", QStringLiteral("title"));
    title->setFont(titleFont());
    title->setContentsMargins(12, 10, 12, 4);
    return title;
}

} // namespace

DockLayout::DockLayout(QMainWindow& window, const std::vector<PanelSpec>& panels, Workspace& workspace)
    : QObject(&window)
    , m_window(window)
    , m_panels(panels)
{
    window.setDockNestingEnabled(true);
    window.setDockOptions(window.dockOptions() | QMainWindow::AllowTabbedDocks);
    window.setDockOptions(window.dockOptions() & ~QMainWindow::AnimatedDocks);
    for (const PanelSpec& panel : panels)
        m_docks[panel.id] = makeDock(panel, workspace);
    arrange();
}

QDockWidget* DockLayout::makeDock(const PanelSpec& panel, Workspace& workspace)
{
    auto* const dock = new QDockWidget(panel.title, &m_window);
    dock->setObjectName(QStringLiteral("dock.") + panel.id);
    dock->setAccessibleName(panel.title);
    dock->setTitleBarWidget(makeTitle(panel.title, dock));
    QWidget* const content = workspace.makePanel(panel.id, dock);
    if (content->objectName().isEmpty())
        content->setObjectName(QStringLiteral("panel.") + panel.id);
    if (content->accessibleName().isEmpty())
        content->setAccessibleName(panel.title);
    // The frame is in the dock's own colour, which a bare widget would not paint.
    auto* const frame = new QWidget(dock);
    frame->setAttribute(Qt::WA_StyledBackground);
    auto* const layout = new QVBoxLayout(frame);
    layout->setContentsMargins(panel.margin, 0, panel.margin, panel.margin);
    content->setParent(frame);
    layout->addWidget(content);
    frame->setSizePolicy(
        content->sizePolicy()); // a panel that has no use for more room leaves it to the others
    dock->setWidget(frame);
    connect(dock, &QDockWidget::visibilityChanged, this, &DockLayout::panelsChanged);
    return dock;
}

void DockLayout::arrange()
{
    QList<QDockWidget*> columns;
    QList<int> widths;
    for (const PanelPlace place : {PanelPlace::Left, PanelPlace::Right, PanelPlace::Bottom}) {
        QList<QDockWidget*> row;
        QList<int> sizes;
        const Qt::Orientation along = place == PanelPlace::Bottom ? Qt::Horizontal : Qt::Vertical;
        for (const PanelSpec& panel : m_panels) {
            if (panel.place != place)
                continue;
            QDockWidget* const dock = m_docks.at(panel.id);
            dock->setFloating(false);
            m_window.addDockWidget(areaOf(place), dock, along);
            dock->show();
            row.append(dock);
            sizes.append(panel.size);
        }
        if (row.isEmpty())
            continue;
        if (row.size() > 1)
            m_window.resizeDocks(row, sizes, along);
        if (place == PanelPlace::Bottom)
            m_window.resizeDocks({row.first()}, {kBottomHeight}, Qt::Vertical);
        else {
            columns.append(row.first());
            widths.append(place == PanelPlace::Left ? kLeftWidth : kRightWidth);
        }
    }
    if (!columns.isEmpty())
        m_window.resizeDocks(columns, widths, Qt::Horizontal);
}

/// What has not been shown yet asks for the room it would need without the style sheet, and the window would
/// grow for it and stay so.
void DockLayout::polishParts()
{
    for (const auto& [id, dock] : m_docks) {
        for (const QWidget* const part : dock->findChildren<QWidget*>())
            part->ensurePolished();
        for (QLayout* const layout : dock->findChildren<QLayout*>())
            layout->invalidate(); // Qt tells them nothing of what is hidden
    }
}

void DockLayout::setShown(bool shown)
{
    if (shown == m_shown)
        return;
    if (!shown && m_window.isVisible()) // before the first show a layout has no sizes yet
        m_state = m_window.saveState(kStateVersion);
    m_shown = shown;
    if (shown)
        polishParts();
    if (!shown) {
        for (const auto& [id, dock] : m_docks)
            dock->hide();
    } else if (m_state.isEmpty() || !m_window.restoreState(m_state, kStateVersion)) {
        arrange();
    }
    emit panelsChanged();
}

void DockLayout::setPanelVisible(const QString& id, bool visible)
{
    m_docks.at(id)->setVisible(visible);
    emit panelsChanged();
}

bool DockLayout::isPanelVisible(const QString& id) const
{
    return !m_docks.at(id)->isHidden();
}

void DockLayout::reset()
{
    m_state.clear();
    if (m_shown)
        arrange();
    emit panelsChanged();
}

QByteArray DockLayout::state() const
{
    return m_shown ? m_window.saveState(kStateVersion) : m_state;
}

void DockLayout::restore(const QByteArray& state)
{
    m_state = state;
    if (m_shown && !m_window.restoreState(state, kStateVersion))
        arrange();
}

} // namespace headwater
