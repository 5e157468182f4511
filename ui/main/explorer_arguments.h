// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/main/script_runner.h"

#include <QSize>
#include <QString>
#include <QStringList>

namespace headwater {

/// The command line of headwater-explorer.
struct ExplorerArguments {
    QString file; ///< a trace, a model or a text to open; may be empty
    Script script;
    QString theme; ///< empty: as the settings say
    QSize size; ///< empty: as it was
    bool listCommands = false;
    bool help = false;
    bool version = false;

    /// Scripts see the default layout and change no settings.
    bool isScripted() const { return script.exit || !script.screenshot.isEmpty(); }
};

/// `arguments` without the program's name. Errors: InvalidArgument naming the option.
Result<ExplorerArguments> parseArguments(const QStringList& arguments);

/// What a window of another size than was asked for says: what it has got, and why; empty where it is as
/// asked for.
QString sizeNotice(const QSize& wanted, const QSize& got, const QSize& least);

QString usageText();

} // namespace headwater
