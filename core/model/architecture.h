// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf_metadata.h"
#include "core/model/gguf_weights.h"
#include "core/model/model.h"

#include <span>

namespace headwater {

/// One architecture as it stands in GGUF files: turns the keys "<name>.*" and the tensors into ModelConfig
/// and Weights. Adding one is a file <name>_architecture.{h,cpp} and a row in architecture.cpp.
struct Architecture {
    const char* name; ///< general.architecture
    /// Fills model.config and model.weights; model.tokenizer is read already.
    Result<void> (*read)(const GgufMetadata& metadata, GgufWeights& weights, Model& model);
};

std::span<const Architecture> architectures();

} // namespace headwater
