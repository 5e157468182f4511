// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/workspace.h"
#include "ui/verdict/verdict_text.h"

#include <QFrame>
#include <optional>
#include <vector>

class QMenu;
class QPushButton;

namespace headwater {

class CommandBox;
class CommandTable;
class ElidedLabel;

/// The line at the top: what is looked at, how far to trust it, the workspaces, and the command box. What is
/// looked at takes what the rest leaves and shortens itself in it: no name moves a control.
class TopBar : public QFrame {
    Q_OBJECT
public:
    /// `window`: over which the command box shows its list.
    TopBar(CommandTable& commands, const std::vector<WorkspaceType>& types, QWidget* window,
           QWidget* parent = nullptr);

    /// Null: no trace is open.
    void setTrace(const Trace* trace);
    /// Pill and tabs are of the workspaces: they go while another page is shown.
    void setWorkspaceShown(bool shown);
    const std::optional<VerdictText>& verdict() const { return m_verdict; }
    CommandBox* commandBox() const { return m_box; }
    QPushButton* verdictPill() const { return m_pill; }
    QMenu* menu() const { return m_menu; }

    /// All controls, and a name that can be recognised.
    QSize minimumSizeHint() const override;

signals:
    void leastWidthChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    QWidget* makeMenuButton();
    QWidget* makeSubject();
    QWidget* makeTabs(const std::vector<WorkspaceType>& types);
    void showSubject();
    void showParts();

    CommandTable& m_commands;
    QMenu* m_menu = nullptr;
    QWidget* m_looked = nullptr; ///< the name and the subject
    ElidedLabel* m_name = nullptr;
    ElidedLabel* m_subject = nullptr;
    QPushButton* m_pill = nullptr;
    QWidget* m_tabs = nullptr;
    CommandBox* m_box = nullptr;
    QString m_subjectText;
    QString m_modelText; ///< the part of the subject that gives way first
    QString m_nameText;
    int m_leastWidth = 0; ///< that was told last
    bool m_hasTabs = false;
    bool m_isWorkspaceShown = false;
    std::optional<VerdictText> m_verdict;
};

} // namespace headwater
