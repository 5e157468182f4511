// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

/// The CPU backend's attention: fans (tile, head) pairs out over the pool and joins what the tiles of
/// core/select saw, in row order. Arguments as in Backend::attend, probe, indexKeys and extendIndex.
Result<void> attendLayer(const LayerConfig& config, const AttentionRequest& request,
                         const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                         const KeyIndex* index, DeviceTensor& attended,
                         std::span<HeadObservation> observations, ThreadPool& pool, std::stop_token stop);

Result<void> probeLayer(const LayerConfig& config, const DeviceTensor& keys,
                        std::span<HeadObservation> observations, ThreadPool& pool, std::stop_token stop);

Result<std::shared_ptr<KeyIndex>> buildKeyIndex(const LayerConfig& config, int layer,
                                                const DeviceTensor& keys, std::uint32_t numKeys,
                                                const SelectParams& select, ThreadPool& pool,
                                                std::stop_token stop);

Result<std::shared_ptr<KeyIndex>> extendKeyIndex(const KeyIndex& index, const LayerConfig& config,
                                                 const DeviceTensor& keys, std::uint32_t numKeys);

} // namespace headwater
