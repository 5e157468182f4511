// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/tile_workers.h"

namespace headwater {

/// The CPU backend's Backend::predict. x: the rows, normalised; shape [rows.count, hidden]; logitCap 0: none.
/// The vocabulary is met slice by slice (kVocabularySlice), so that no row of logits is ever whole: a slice
/// leaves its largest logit and the sum of its exponentials, the likeliest tokens are kept as they come.
/// Memory: beside scratch, 8 bytes a row and slice and 40 a row and worker.
Result<void> predictRows(const WeightMatrix& unembedding, float logitCap, const float* x, RowRange rows,
                         std::span<const std::int32_t> following, std::span<RowPrediction> out,
                         TileWorkers& workers, std::stop_token stop);

} // namespace headwater
