// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/error_remedies.h"

#include <QObject>

namespace headwater {

std::vector<Remedy> remediesFor(const Error& error, const QString& path)
{
    const Remedy open{QStringLiteral("file.open"), QObject::tr("Open another file…")};
    const Remedy toForm{QStringLiteral("run.new"), QObject::tr("To the form")};
    const Remedy cancel{QStringLiteral("run.cancel"), QObject::tr("Cancel the run")};
    if (!path.isEmpty())
        return {open};
    const std::string& command = error.context;
    if (command == "file.sample")
        return {{QStringLiteral("run.needle"), QObject::tr("Run the built-in needle")}, open};
    if (command == "run.start" || command == "run.needle")
        return {cancel, toForm};
    if (command == "run.new")
        return {toForm};
    if (command == "go.answer")
        return {toForm, {QStringLiteral("heads.filter"), QObject::tr("Filter the heads…")}};
    if (command.starts_with("file.") || error.code == ErrorCode::NotFound)
        return {open};
    if (command.starts_with("select.") || command.starts_with("view.") || command.starts_with("heads."))
        return {{QStringLiteral("view.palette"), QObject::tr("Command palette…")}};
    return {};
}

} // namespace headwater
