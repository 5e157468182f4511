// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf_metadata.h"
#include "core/model/gguf_weights.h"
#include "core/model/model.h"

namespace headwater {

/// Llama-type decoders (Llama 1 to 3, SmolLM2, Mistral): RMS norm before attention and before a SiLU-gated
/// feed-forward, grouped queries, rotary positions on pairs (2i, 2i + 1). GGUF files of this architecture
/// hold the rows of q and k already permuted for those pairs, so they are used as stored. Long-context
/// factors come with the file as the tensor rope_freqs.weight (Llama 3) or as linear scaling; YaRN is refused
/// by name. Source: llama.cpp src/models/llama.cpp, ggml docs/gguf.md; defaults of missing keys:
/// docs/models.md.
Result<void> readLlamaArchitecture(const GgufMetadata& metadata, GgufWeights& weights, Model& model);

} // namespace headwater
