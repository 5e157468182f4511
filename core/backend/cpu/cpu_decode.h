// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

/// Dense attention of a few rows over a cache of any length, read where it lies: parts of the keys are
/// independent tasks, joined by their log-sum-exps in the order of the keys, so the bits depend on no thread.
/// Arguments as in Backend::attend; keys and values F32 or F16. Memory: 512 KiB a thread and a part's scores.
/// Cost: O(rows · position · numHeads · headDim).
Result<void> decodeRows(const LayerConfig& config, const AttentionRequest& request,
                        const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                        DeviceTensor& attended, ThreadPool& pool);

} // namespace headwater
