// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/predictions.h"
#include "core/trace/field_codec.h"
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_format.h"

#include <cstdint>
#include <span>

namespace headwater {

/// The meta key that says of what a trace's predictions are; a trace without it holds none.
inline constexpr const char* kMetaPredictions = "predictions";

/// "model", "sparse_forward" or "decoding", as stored.
const char* storedNameOf(PredictedBy by);

/// Puts the predictions of a sequence of these ids into the `array` and `meta` tables, in place of those
/// before. Errors: InvalidArgument (what a reader would refuse).
Result<void> insertPredictions(const SqliteDatabase& database, FieldCoder& coder,
                               const Predictions& predictions, std::span<const std::int32_t> ids,
                               std::uint64_t& storedBytes);

/// The trace's predictions. Errors: NotFound when it holds none; BadFormat naming array and row: numbers of
/// rows, log-probabilities that are no number of at most 0 or do not fall, a token that differs between its
/// two places, ids outside the model's vocabulary.
Result<Predictions> readPredictions(const SqliteDatabase& database, FieldCoder& coder,
                                    std::span<const std::int32_t> ids);

} // namespace headwater
