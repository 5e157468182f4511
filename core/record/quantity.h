// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"

namespace headwater {

/// Whose probabilities a number is (DESIGN §3): of the dense model's rows ("p_model"), of the sparse
/// forward's
/// ("p_stream"), or of its kept keys alone ("p_masked"). `isPropagated`: every layer attended over its own
/// mask.

/// Of numbers over whole rows.
constexpr const char* wholeRowQuantity(bool isPropagated)
{
    return isPropagated ? "p_stream" : "p_model";
}

/// Of a head's block masses and peaks.
constexpr const char* quantityOf(bool isPropagated, Normaliser normaliser)
{
    return normaliser == Normaliser::Kept ? "p_masked" : wholeRowQuantity(isPropagated);
}

/// Tree and stream do not see every key of a propagated row: what they record is of the kept keys.
constexpr Normaliser normaliserOf(bool isPropagated, Selection selection)
{
    return isPropagated && selection != Selection::Exact ? Normaliser::Kept : Normaliser::Exact;
}

} // namespace headwater
