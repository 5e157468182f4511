// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_tensor.h"
#include "core/backend/plan.h"
#include "core/record/block_grid.h"

#include <cstdint>

namespace headwater {

/// What a session of a sequence may take.
struct SessionSpace {
    std::uint64_t memoryBytes = 0;
    std::uint64_t scratchBytes = 0; ///< of a disk; 0: none
};

/// What a warm session of a sequence holds, before anything is taken.
struct SessionEstimate {
    ElementType keysAs = ElementType::F32; ///< F16 where float32 keys and values do not fit anywhere
    bool inScratch = false; ///< the state lies in a scratch file, not in memory
    std::uint64_t stateBytes = 0; ///< residual stream, keys and values of all layers: for as long as it lives
    /// Of memory at most, while it is opened: the weights, and the state where it is not in a scratch file.
    std::uint64_t openingBytes = 0;
    std::uint64_t besideScratchBytes = 0; ///< the same, were the state in a scratch file; 0: it is, or fits
    std::uint32_t chunkRows = 0;
    WeightForm weights = WeightForm::Float32;
    bool fits = false; ///< openingBytes are free, and so is the scratch file's place
};

/// The most exact session that fits, of the grid's sequence: float32 keys and values in memory, then in a
/// scratch file, then binary16 ones in the same order; where nothing fits, the last of those in memory.
/// `besides`: what the program holds beside it, counted into openingBytes.
SessionEstimate estimateSession(const Planner& planner, const Model& model, const BlockGrid& grid,
                                const SessionSpace& space, std::uint64_t besides = 0);

} // namespace headwater
