// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/predictions.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headwater {

/// What a session (core/session) has predicted from some rows of a trace. It forwards every row alike, so
/// that those of generated tokens are of the model or the sparse forward too, not of the decoding.
struct PredictedRows {
    std::uint32_t first = 0;
    std::vector<RowPrediction> rows; ///< [first, first + rows.size())
    std::map<std::int32_t, std::string> words; ///< the likeliest tokens in their bytes
    PredictedBy by = PredictedBy::Model; ///< or SparseForward
};

/// Something is known of what the row gave to the token after it.
bool isPredicted(const Predictions& predictions, std::uint32_t row);

/// Predictions of `tokens` rows of which nothing is known yet.
Predictions noPredictions(std::uint32_t tokens, PredictedBy by);

/// `known` with more rows in their places; those beyond its end are left out. Cost: O(tokens + words).
Predictions joined(const Predictions& known, const PredictedRows& more);

} // namespace headwater
