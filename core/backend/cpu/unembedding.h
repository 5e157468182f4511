// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/tile_workers.h"
#include "core/model/model.h"

#include <cstdint>
#include <span>

namespace headwater {

/// How many tokens of the vocabulary are dequantised and multiplied at once.
inline constexpr std::uint32_t kVocabularySlice = 512;

/// One row behind the last layer, as the unembedding takes it. Shape: [hidden] each.
void finalNorm(const Model& model, const float* row, float* out);

/// Logits of normed rows: prefilled ones slice by slice of the vocabulary, widened to scratch; decoded ones
/// one by one from the weights as stored. Shape: x [rows, hidden], out [rows, vocab].
void unembed(const Model& model, const float* x, std::size_t rows, RowMode mode, float* out,
             TileWorkers& workers);

} // namespace headwater
