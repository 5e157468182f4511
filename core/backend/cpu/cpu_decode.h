// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

/// Dense attention of a few rows over a cache of any length, read where and as it lies: parts of the keys are
/// independent tasks, joined by their exponentials' sums in the order of the keys; how many there are follows
/// from the row's position, so the bits depend on no thread. Arguments as in Backend::attend; keys and values
/// both F32 or both F16. Memory: a row's scores and, at most 32 times, what its heads read. Cost: O(rows ·
/// position · numHeads · headDim); every key and value is read once.
Result<void> decodeRows(const LayerConfig& config, const AttentionRequest& request,
                        const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                        DeviceTensor& attended, ThreadPool& pool);

} // namespace headwater
