// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/shell.h"

#include <QObject>

namespace headwater {

class MapPane;

/// The commands `view.exact…`: what the map asks of the session of the trace's model.
class ExactCommands : public QObject {
    Q_OBJECT
public:
    ExactCommands(const Shell& shell, MapPane& map, QObject* parent);

private:
    void bind();

    Shell m_shell;
    MapPane& m_map;
};

} // namespace headwater
