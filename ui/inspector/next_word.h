// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/predictions.h"
#include "core/trace/trace_reader.h"

#include <QString>

namespace headwater {

/// "the model", "the sparse forward" or "the decoding": whose predictions a row's are.
QString predictorText(PredictedBy by);

/// A token as a word of a sentence: without the blanks around it, by its label where there is nothing else.
QString wordOf(std::string_view bytes);

/// What a row gave to the token that follows it: " (p 0.94, the model's first choice)", " (p 0.12; the
/// model's first choice “and”, 0.31)". Of the last row, which nothing follows, its first choice: "; the
/// model's first choice is “and” (p 0.31)". Where a generated token's traced row would have chosen otherwise,
/// that stands beside it. Empty where nothing is known of the row.
QString choiceText(const Trace& trace, const Predictions& predictions, std::uint32_t row);

} // namespace headwater
