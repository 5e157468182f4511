// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/shell.h"

#include <QObject>

namespace headwater {

class Pages;

/// The commands `file.…` of opening and closing, the recent files among them, and what becomes of a file that
/// is no trace: a model and a text go into the form of the next run.
class FileCommands : public QObject {
    Q_OBJECT
public:
    FileCommands(const Shell& shell, Pages& pages, QObject* parent);

private:
    void bind();
    void wire();
    void showRecent();

    Shell m_shell;
    Pages& m_pages;
};

} // namespace headwater
