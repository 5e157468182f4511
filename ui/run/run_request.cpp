// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_request.h"

#include "core/base/data_paths.h"
#include "ui/bridge/path_text.h"

#include <QDateTime>
#include <QFileInfo>
#include <QRegularExpression>

namespace headwater {

QString defaultTracePath(const QString& model)
{
    QString name = QFileInfo(model).completeBaseName();
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
    if (model.startsWith(QLatin1String("builtin:")))
        name = model.mid(8);
    if (name.isEmpty())
        name = QStringLiteral("trace");
    const QString time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    const QString file = name + QLatin1Char('-') + time + QStringLiteral(".hwt");
    return pathText(userDataDirectory() / "traces" / file.toStdString());
}

} // namespace headwater
