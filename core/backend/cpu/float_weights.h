// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/arena.h"
#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/parallel/thread_pool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace headwater {

/// The weights of one layer as float32, row-major [out, in].
struct FloatLayer {
    std::shared_ptr<std::byte> memory;
    std::size_t bytes = 0;
    const float* query = nullptr;
    const float* key = nullptr;
    const float* value = nullptr;
    const float* output = nullptr;
    const float* gate = nullptr;
    const float* up = nullptr;
    const float* down = nullptr;
};

/// A model's layers as float32: dequantised once, and once more where one that was released is asked for, to
/// the same bits. Threads: not thread-safe; dequantising fans out over the pool.
class FloatWeights {
public:
    FloatWeights(Arena& arena, ThreadPool& pool);

    /// Of another model: what was held is freed. The weights are borrowed.
    void setSource(const Weights& weights);

    /// Makes every layer that is not there. Errors: OutOfMemory. Cost: O(parameters made).
    Result<void> makeAll();

    /// One layer's, made where it is not there. Errors: OutOfMemory. Cost: then O(its parameters).
    Result<FloatLayer> of(int layer);

    void release(int layer) { m_layers[static_cast<std::size_t>(layer)] = {}; }

    /// What is held now.
    std::uint64_t bytes() const;

private:
    Result<FloatLayer> made(const LayerWeights& weights) const;

    Arena& m_arena;
    ThreadPool& m_pool;
    const Weights* m_source = nullptr;
    std::vector<FloatLayer> m_layers; ///< without memory where released
};

} // namespace headwater
