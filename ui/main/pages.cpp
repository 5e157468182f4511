// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/pages.h"

#include "ui/main/welcome_page.h"
#include "ui/main/workspaces.h"
#include "ui/run/run_page.h"
#include "ui/state/subject.h"

#include <QApplication>

namespace headwater {

namespace {

constexpr int kLeastPage = 420; ///< pixels in which a message and its buttons can be read

} // namespace

Pages::Pages(const Subject& subject, QWidget* parent)
    : QStackedWidget(parent)
    , m_subject(subject)
{
    setObjectName(QStringLiteral("pages"));
    connect(qApp, &QApplication::focusChanged, this, &Pages::holdFocus);
}

void Pages::fill(WelcomePage* welcome, RunPage* run, Workspaces* workspaces)
{
    m_welcome = welcome;
    m_run = run;
    m_workspaces = workspaces;
    addWidget(welcome);
    addWidget(run);
    for (Workspace* const workspace : workspaces->all())
        addWidget(workspace->page());
    connect(workspaces, &Workspaces::currentChanged, this, [this] {
        if (m_page == Page::Workspace)
            show(m_page);
    });
}

QWidget* Pages::widgetOf(Page page) const
{
    switch (page) {
    case Page::Welcome:
        return m_welcome;
    case Page::Run:
        return m_run;
    case Page::Workspace:
        break;
    }
    return m_workspaces->current().page();
}

void Pages::show(Page page)
{
    m_page = page;
    setCurrentWidget(widgetOf(page));
    updateGeometry();
    m_workspaces->setShown(page == Page::Workspace);
    widgetOf(page)->setFocus(Qt::OtherFocusReason);
    emit pageChanged();
}

QSize Pages::minimumSizeHint() const
{
    const QSize least(kLeastPage, 0);
    return currentWidget() ? currentWidget()->minimumSizeHint().expandedTo(least) : least;
}

void Pages::showWorkspace()
{
    if (m_subject.trace() && m_page != Page::Workspace)
        show(Page::Workspace);
}

/// A field that gave the keyboard back, or went, leaves it to the page.
void Pages::holdFocus(QWidget* before, QWidget* now)
{
    if (!now && before && before->window() == window() && window()->isActiveWindow() && m_workspaces)
        widgetOf(m_page)->setFocus(Qt::OtherFocusReason);
}

} // namespace headwater
