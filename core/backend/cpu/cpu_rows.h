// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

/// The CPU backend's exact rows: (KV head, a few rows) pairs are independent tasks. Arguments as in
/// Backend::rowProbabilities. Memory: at most 4 MiB of scores a thread, or one row's.
Result<void> layerRowProbabilities(const LayerConfig& config, const RowsRequest& request,
                                   const DeviceTensor& queries, const DeviceTensor& keys, std::span<float> p,
                                   std::span<float> lse, ThreadPool& pool, std::stop_token stop);

} // namespace headwater
