// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStackedWidget>

namespace headwater {

class RunPage;
class Subject;
class WelcomePage;
class Workspaces;

/// What fills the middle of a window: the welcome page, the form of a run, or the current workspace. Of these
/// it is the keyboard's place while nothing else is.
class Pages : public QStackedWidget {
    Q_OBJECT
public:
    enum class Page { Welcome, Workspace, Run };

    explicit Pages(const Subject& subject, QWidget* parent = nullptr);

    /// The pages there are; takes them over. To be called once.
    void fill(WelcomePage* welcome, RunPage* run, Workspaces* workspaces);

    void show(Page page);
    Page page() const { return m_page; }
    /// In front of whatever page lies over it: for what leads to a place. Nothing without a trace.
    void showWorkspace();

    /// Of the page that is shown: another one that needs more room takes it when it comes.
    QSize minimumSizeHint() const override;

signals:
    void pageChanged(); ///< also to another workspace

private:
    QWidget* widgetOf(Page page) const;
    void holdFocus(QWidget* before, QWidget* now);

    const Subject& m_subject;
    WelcomePage* m_welcome = nullptr;
    RunPage* m_run = nullptr;
    Workspaces* m_workspaces = nullptr;
    Page m_page = Page::Welcome;
};

} // namespace headwater
