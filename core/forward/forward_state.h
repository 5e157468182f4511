// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/scratch_file.h"
#include "core/forward/layer_pass.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headwater {

/// What a forward leaves of every layer, so that any of its rows can be asked again. Shapes: [tokens, …], or
/// more rows than tokens.
struct ForwardState {
    struct Layer {
        DeviceTensor residual; ///< [tokens, hidden] F32, before the layer
        /// [tokens, numKvHeads · headDim], after rotary; a borrowing layer's are its lender's. The values (a
        /// fifth of SmolLM2's state) are read while the forward goes on; of a finished one nobody reads them
        /// yet: they are for what a row takes from a key, beyond how much it looks at it.
        KeysValues read;
    };
    std::vector<Layer> layers;
    DeviceTensor residual; ///< [tokens, hidden] F32, after the last layer
    std::uint32_t tokens = 0;
    /// Rows from here on (a run's tail) read the keys before it as binary16 holds them; tokens: there is no
    /// tail.
    std::uint32_t tailRow = 0;

    bool isEmpty() const { return layers.empty(); }
    ElementType keysAs() const { return layers.front().read.keys.type(); }
    std::uint64_t bytes() const;
};

/// Room for the state of `rows` rows, all at once, so that what does not fit is refused before anything is
/// computed. `scratch`: where it lies; null: in the backend's own memory. Errors: OutOfMemory.
Result<ForwardState> allocateState(Backend& backend, const ModelConfig& config, std::uint32_t rows,
                                   ElementType keysAs, ScratchFile* scratch = nullptr);

/// Bytes of that room: a row and layer takes 4 · (hidden + 2 · kv width), 4 · hidden + 4 · kv width where
/// keys and values are binary16, and a row 4 · hidden behind the last layer.
std::uint64_t forwardStateBytes(const ModelConfig& config, std::uint32_t rows, ElementType keysAs);

} // namespace headwater
