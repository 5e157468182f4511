// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/engine_progress.h"

#include "ui/bridge/json_access.h"

#include <algorithm>

namespace headwater {

EngineProgress engineProgressOf(const nlohmann::json& params)
{
    EngineProgress progress;
    progress.id = jsonInteger(params, "id", 0);
    progress.phase = jsonText(params, "phase");
    progress.done = static_cast<quint64>(std::max<qint64>(0, jsonInteger(params, "done", 0)));
    progress.total = static_cast<quint64>(std::max<qint64>(0, jsonInteger(params, "total", 0)));
    progress.unit = jsonText(params, "unit");
    progress.secondsLeft = jsonNumber(params, "seconds_left", -1);
    progress.finishedLayer = static_cast<int>(jsonInteger(params, "finished_layer", -1));
    progress.layers = static_cast<int>(std::clamp<qint64>(jsonInteger(params, "layers", 0), 0, 1 << 20));
    progress.trace = jsonText(params, "trace");
    return progress;
}

} // namespace headwater
