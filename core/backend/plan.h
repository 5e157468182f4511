// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_work.h"
#include "core/model/model.h"
#include "core/record/block_grid.h"
#include "core/select/select_params.h"

#include <cstdint>

namespace headwater {

/// How a backend holds the matrices of a model's layers. Embedding and unembedding stay as stored in both.
enum class WeightForm {
    Float32, ///< widened once
    Stored, ///< widened inside every product: less memory and, where products have few rows, slower
};

/// What a run asks of a backend's memory.
struct PlanRequest {
    std::uint32_t promptTokens = 0;
    std::uint32_t newTokens = 0; ///< tokens to generate; > 0 keeps the KV cache
    bool records =
        true; ///< false: dense attention of which nothing is recorded; `select` and `grid` do not matter
    bool predicts = false; ///< what every row of the prompt gives to the token after it is asked for
    SelectParams select; ///< resolved
    BlockGrid grid;
    std::uint32_t chunkRows = 0; ///< 0: the backend chooses
    /// Bytes the run may take: before its peak exceeds them the backend chooses smaller chunks, and where
    /// those are not enough weights as stored. 0: no bound.
    std::uint64_t memoryBudget = 0;
};

/// Whether a prefill holds one layer's weights at a time, so that there is room for the cache. They are made
/// again when their layer is reached, and for a tail: a quarter of a second each time for the 106 million of
/// SmolLM2 (two cores), of more than half a minute. Decoding reads them as stored.
constexpr bool holdsWeightsByLayer(std::uint32_t promptTokens, std::uint32_t newTokens)
{
    return newTokens > 0 && promptTokens >= 16'384;
}

/// How the backend will run it, and the most it will hold at once (weights included).
struct Plan {
    std::uint32_t chunkRows = 0; ///< rows a chunk, a multiple of 256
    WeightForm weights = WeightForm::Float32; ///< to be asked of Backend::uploadWeights
    std::uint64_t weightBytes = 0; ///< pages of mapped files counted
    /// Bytes of weights that an earlier upload left with the backend: the run uses them or frees them first,
    /// so they count as free.
    std::uint64_t residentBytes = 0;
    std::uint64_t activationBytes = 0; ///< residual stream, keys and values of one layer, a chunk's queries
    std::uint64_t recordBytes = 0; ///< what one layer's observation holds before it is written
    std::uint64_t cacheBytes = 0; ///< KV cache (binary16) and the layers' released indexes, 0 when not kept
    /// As much of these is never held together: the weights of layers that wait, and what a layer asks for
    /// when others' records or indexes are not there.
    std::uint64_t apartBytes = 0;
    std::uint64_t peakBytes() const
    {
        return weightBytes + activationBytes + recordBytes + cacheBytes - apartBytes;
    }
};

/// Says what a run will hold and take from sizes alone: of the prompt, and of the model's shapes and stored
/// types. A backend is one; a plan without a backend costs no memory and starts no thread.
class Planner {
public:
    virtual ~Planner() = default;

    /// Chunk sizes and the peak of a run, chosen for its memory budget. Reads no weight.
    virtual Plan plan(const Model& model, const PlanRequest& request) const = 0;

    /// Seconds that the device takes for some work of this model, from its speed, which is measured now.
    /// Cost: some hundredths of a second.
    virtual double seconds(const Model& model, const DeviceWork& work) const = 0;
};

} // namespace headwater
