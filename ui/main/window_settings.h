// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>

namespace headwater {

/// What the window remembers from one start to the next, in the user's configuration
/// ($XDG_CONFIG_HOME/headwater). Read once before the first show and written once after the last.
struct WindowSettings {
    QByteArray geometry;
    QMap<QString, QByteArray> layouts; ///< of the panels, by workspace
    QStringList recent;
    QStringList models; ///< that runs used, the last one first
    QString theme; ///< "dark", "light", "system"

    static WindowSettings load();
    void save() const;
};

} // namespace headwater
