// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/window_settings.h"

#include <QSettings>

namespace headwater {

WindowSettings WindowSettings::load()
{
    QSettings file(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("headwater"),
                   QStringLiteral("explorer"));
    WindowSettings settings;
    settings.geometry = file.value(QStringLiteral("window/geometry")).toByteArray();
    file.beginGroup(QStringLiteral("layouts"));
    for (const QString& workspace : file.childKeys())
        settings.layouts[workspace] = file.value(workspace).toByteArray();
    file.endGroup();
    settings.recent = file.value(QStringLiteral("files/recent")).toStringList();
    settings.models = file.value(QStringLiteral("models/recent")).toStringList();
    settings.theme = file.value(QStringLiteral("window/theme"), QStringLiteral("system")).toString();
    return settings;
}

void WindowSettings::save() const
{
    QSettings file(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("headwater"),
                   QStringLiteral("explorer"));
    file.setValue(QStringLiteral("window/geometry"), geometry);
    for (const auto& [workspace, layout] : layouts.asKeyValueRange())
        file.setValue(QStringLiteral("layouts/") + workspace, layout);
    file.setValue(QStringLiteral("files/recent"), recent);
    file.setValue(QStringLiteral("models/recent"), models);
    file.setValue(QStringLiteral("window/theme"), theme);
}

} // namespace headwater
