// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/progress_json.h"

namespace headwater {

nlohmann::json progressJson(const Progress& progress)
{
    nlohmann::json json = {{"phase", progress.phase},
                           {"done", progress.done},
                           {"total", progress.total},
                           {"unit", progress.unit}};
    json["seconds_left"] = progress.secondsLeft < 0 ? nlohmann::json() : nlohmann::json(progress.secondsLeft);
    if (progress.finishedLayer >= 0)
        json["finished_layer"] = progress.finishedLayer;
    if (progress.layers > 0)
        json["layers"] = progress.layers;
    return json;
}

} // namespace headwater
