// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"
#include "core/record/token_row.h"

#include <cstdint>
#include <optional>

namespace headwater {

/// Whose a row's numbers are.
enum class RowSource {
    Blocks, ///< of blocks of keys, means over the rows of its block; by the head's normaliser
    Recorded, ///< the row's own, token by token, as the run recorded it
    Exact, ///< the row's own, from a session
    Rounded, ///< from a session whose keys are rounded to binary16: right to two digits
};

/// The numbers are the row's own, of single keys and of the whole row.
constexpr bool isOfTokens(RowSource source)
{
    return source != RowSource::Blocks;
}

/// One row of one head, token by token.
struct RowTokens {
    TokenRow row;
    RowSource source = RowSource::Recorded;
    bool isWhole = false; ///< every key that is not listed gets exactly nothing
};

/// What is known of a row token by token: from a session where it has given every key or the heaviest, else
/// as it was recorded; rounded rows only where there is nothing else. None: the trace knows its block alone.
/// Errors: those of the trace. Cost: O(keys log keys) of a whole row that a session gave, else one small
/// read.
Result<std::optional<RowTokens>> rowTokens(const TraceReading& reading, HeadId head, std::uint32_t row);

/// What a session's window gives to one pair; none where none holds it. Over rounded keys only where
/// `rounded`.
std::optional<float> exactPair(const TraceReading& reading, HeadId head, std::uint32_t row, std::uint32_t key,
                               bool rounded);

} // namespace headwater
