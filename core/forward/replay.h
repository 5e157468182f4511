// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/forward_state.h"
#include "core/parallel/progress.h"

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// How a recorded sequence is forwarded again.
struct ReplayOptions {
    std::uint32_t tailRow = 0; ///< a multiple of kTileRows, or the number of tokens: there is no tail
    std::uint32_t chunkRows = 2048; ///< a multiple of kTileRows
    BlockGrid grid; ///< of the masks
    /// The masks of one layer's heads, valid until the next call; empty function: dense.
    std::function<Result<std::vector<GivenMask>>(int layer)> masks;
    /// Hears every layer's log-sum-exp, row by row, before the next layer begins. Shape: [heads][tokens]. An
    /// error ends the replay.
    std::function<Result<void>(int layer, std::span<const HeadObservation> heads)> onLayer;
    ElementType keysAs =
        ElementType::F32; ///< as what keys and values are kept; the forward reads them as F32
    ScratchFile* scratch = nullptr; ///< where the state lies; null: in the backend's own memory
};

/// Forwards a sequence as a run recorded it: the rows before tailRow over their own keys, the tail over those
/// as the run's cache held them, so that every row is what it was; keeps the state of all layers. Cost: one
/// forward over the masks (dense: a dense one), the state's memory and, with a tail, one layer's keys and
/// values again. Errors: InvalidArgument (as ForwardPass::prefill), OutOfMemory, Cancelled, those of `masks`
/// and `onLayer`.
Result<ForwardState> replay(Backend& backend, const std::shared_ptr<const Model>& model,
                            std::span<const std::int32_t> ids, const ReplayOptions& options,
                            const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace headwater
