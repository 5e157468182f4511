// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/main/message_bar.h"
#include "ui/main/shell.h"

#include <QObject>

namespace headwater {

class CommandArguments;
class CommandBox;
class Pages;
class Workspaces;

/// The commands `find.…`: what is searched for in the text, the step from hit to hit, and what messages say
/// of them.
class FindCommands : public QObject {
    Q_OBJECT
public:
    FindCommands(const Shell& shell, Pages& pages, Workspaces& workspaces, CommandBox& box, QObject* parent);

private:
    void bind();
    void wire();
    Result<void> findText(const CommandArguments& arguments);
    Result<void> stepHits(int direction);
    /// What a search did with the case of letters, and the button that asks for the other way.
    QString caseWords() const;
    MessageAction caseAction();
    /// Of this search and those to come.
    void setMatchesCase(bool matches);

    Shell m_shell;
    Pages& m_pages;
    Workspaces& m_workspaces;
    CommandBox& m_box;
};

} // namespace headwater
