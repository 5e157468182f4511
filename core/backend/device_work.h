// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/weights.h"

#include <array>

namespace headwater {

/// A number for every stored type of weights. 0 where there is none.
using ByWeightType = std::array<double, kNumWeightTypes>;

/// What is asked of a device, counted before anything is forwarded. Norms, softmax, gathering and writing
/// have no count of their own: whoever reckons seconds from these gives them a share of the speed.
struct DeviceWork {
    double projections = 0; ///< multiply-adds of the layers' matrices, over tiles of rows
    double attention = 0; ///< multiply-adds of attention that is recorded, selection included
    double denseAttention = 0; ///< of attention of which nothing is
    double unembedding = 0; ///< multiply-adds of the unembedding, over tiles of rows
    ByWeightType widened{}; ///< weights made float32 inside those products
    ByWeightType decoded{}; ///< stored bytes of weights that the rows of decoded tokens read
    double cached = 0; ///< bytes of keys and values in binary16 that those rows read

    DeviceWork& operator+=(const DeviceWork& other)
    {
        projections += other.projections;
        attention += other.attention;
        denseAttention += other.denseAttention;
        unembedding += other.unembedding;
        for (std::size_t type = 0; type < kNumWeightTypes; ++type) {
            widened[type] += other.widened[type];
            decoded[type] += other.decoded[type];
        }
        cached += other.cached;
        return *this;
    }
};

} // namespace headwater
