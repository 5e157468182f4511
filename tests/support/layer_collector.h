// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/forward_pass.h"

#include <vector>

namespace headwater::test {

/// Keeps what a forward pass tells, layer by layer.
class LayerCollector final : public ForwardObserver {
public:
    Result<void> onLayer(int layer, std::vector<HeadObservation>&& heads) override
    {
        if (static_cast<int>(layers.size()) != layer)
            return Error{ErrorCode::Internal, "layers came out of order", ""};
        layers.push_back(std::move(heads));
        return {};
    }
    std::vector<std::vector<HeadObservation>> layers;
};

} // namespace headwater::test
