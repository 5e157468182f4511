// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/arena.h"
#include "core/backend/cpu/projection.h"
#include "core/backend/plan.h"
#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/parallel/thread_pool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

namespace headwater {

/// One layer's linear maps, ready to be applied.
struct ReadyLayer {
    std::shared_ptr<std::byte> memory; ///< of the floats; null where matrices stay as stored
    std::size_t bytes = 0;
    Projection query;
    Projection key;
    Projection value;
    Projection output;
    Projection gate;
    Projection up;
    Projection down;
    Projection inputContext;
    Projection inputGate;
    Projection inputProjection;
};

/// A model's layers as float32, dequantised once, and once more where one that was released is asked for, to
/// the same bits; or as stored, where they do not fit so. Threads: not thread-safe; dequantising fans out
/// over the pool.
class ReadyWeights {
public:
    ReadyWeights(Arena& arena, ThreadPool& pool);

    /// Of another model or in another form: what was held is freed. The weights are borrowed.
    void setSource(const Weights& weights, WeightForm form);

    /// Makes every layer that is not there. Errors: OutOfMemory, Cancelled. Cost: O(parameters made).
    Result<void> makeAll(const std::stop_token& stop);

    /// One layer's, made where it is not there. Errors: OutOfMemory, Cancelled (which leaves it unmade).
    /// Cost: then O(its parameters).
    Result<ReadyLayer> of(int layer, const std::stop_token& stop);

    /// One layer's as they are stored, whatever else is held: what reads every weight once reads fewer bytes.
    const ReadyLayer& stored(int layer) const { return m_stored[static_cast<std::size_t>(layer)]; }

    void release(int layer) { m_layers[static_cast<std::size_t>(layer)] = {}; }

    WeightForm form() const { return m_form; }
    /// What is held now, mapped files not counted.
    std::uint64_t bytes() const;

private:
    /// Widens the matrices into memory of the layer's.
    Result<void> makeFloats(ReadyLayer& layer, const std::stop_token& stop) const;

    Arena& m_arena;
    ThreadPool& m_pool;
    const Weights* m_source = nullptr;
    WeightForm m_form = WeightForm::Float32;
    std::vector<ReadyLayer> m_stored;
    std::vector<ReadyLayer> m_layers; ///< without memory where released
};

} // namespace headwater
