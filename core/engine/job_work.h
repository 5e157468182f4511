// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_work.h"
#include "core/backend/plan.h"
#include "core/model/model.h"
#include "core/select/select_params.h"

#include <cstdint>

namespace headwater {

// What jobs ask of a device, counted from lengths, shapes and stored types before anything is forwarded.

/// Rows [first, end) of a sequence.
struct RowSpan {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
};

/// Multiply-adds of the layers' matrices over rows.
double projectionOperations(const ModelConfig& config, RowSpan rows);

/// Multiply-adds of a run's attention and selection over rows; the masks of the first `given` layers are
/// there already.
double attentionOperations(const ModelConfig& config, const SelectParams& select, RowSpan rows,
                           int given = 0);

/// Multiply-adds of what so many rows give to the token after them.
double unembeddingOperations(const ModelConfig& config, double rows);

/// Rows through all layers, with what is widened on the way: every matrix once a tile where weights stay as
/// stored, once where a layer's floats are made as it is reached (`byLayer`).
DeviceWork forwardWork(const Model& model, const SelectParams& select, RowSpan rows, WeightForm form,
                       bool byLayer, int given = 0);

/// The same, dense and of which nothing is recorded.
DeviceWork denseWork(const Model& model, RowSpan rows, WeightForm form, bool byLayer);

/// The logits of rows, asked for in so many calls: each widens the unembedding once and reads it.
DeviceWork logitsWork(const Model& model, double rows, double calls);

/// `tokens` decoded one after the other, the first of them at `position`: each reads every weight and the
/// keys and values up to its own.
DeviceWork decodingWork(const Model& model, std::uint32_t position, std::uint32_t tokens);

} // namespace headwater
