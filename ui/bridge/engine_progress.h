// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <nlohmann/json.hpp>

namespace headwater {

/// How far the engine is, as docs/engine_protocol.md's `progress` says it.
struct EngineProgress {
    qint64 id = 0; ///< of the request
    QString phase;
    quint64 done = 0;
    quint64 total = 0;
    QString unit;
    double secondsLeft = -1; ///< negative: unknown
    int finishedLayer = -1; ///< the layer just committed, or -1
    int layers = 0; ///< of the model, where `total` is as many equal shares; else 0
    QString trace; ///< path, from the first finished layer on
};

/// Wrong and missing members give the defaults.
EngineProgress engineProgressOf(const nlohmann::json& params);

} // namespace headwater
