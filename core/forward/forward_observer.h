// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/base/result.h"

#include <vector>

namespace headwater {

/// Hears of each finished layer of a forward pass. Capture costs nothing when there is no observer.
class ForwardObserver {
public:
    virtual ~ForwardObserver() = default;

    /// One entry a head, rows in order. An error stops the pass and becomes its result.
    virtual Result<void> onLayer(int layer, std::vector<HeadObservation>&& heads) = 0;
};

} // namespace headwater
