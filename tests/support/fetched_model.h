// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/fetch/known_models.h"
#include "core/model/model_loader.h"

#include <algorithm>
#include <memory>
#include <string>

/// For tests labelled `model`: skips the running test, visibly, when SmolLM2 has not been fetched.
#define HEADWATER_SKIP_WITHOUT(name)                                                                         \
    do {                                                                                                     \
        if (!headwater::isFetched(name))                                                                     \
            QSKIP("not fetched: run `headwater fetch " name "` first");                                      \
    } while (false)

namespace headwater {

inline bool isFetched(const std::string& name)
{
    const auto known = knownModels();
    return std::ranges::any_of(
        known, [&name](const KnownModel& model) { return model.name == name && model.present; });
}

} // namespace headwater
