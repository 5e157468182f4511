// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/exact_row.h"
#include "core/reading/exact_windows.h"
#include "core/record/head_id.h"
#include "core/record/token_pair.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <optional>

namespace headwater {

/// Where something came or went of what sessions have given of a trace.
struct ExactPart {
    std::optional<HeadId> head; ///< none: every head
    TokenRange rows;
    TokenRange keys;

    bool isOf(HeadId one) const { return !head || *head == one; }
    bool holds(TokenRange someRows, TokenRange someKeys) const
    {
        return someRows.begin >= rows.begin && someRows.end <= rows.end && someKeys.begin >= keys.begin
            && someKeys.end <= keys.end;
    }
};

ExactPart partOf(const ExactWindow& window);
ExactPart partOf(const ExactRow& row);

/// Whether what is read of the trace may be otherwise for it; never where nothing is asked for. What a row of
/// a head reads (readRowProfile): only a whole row tells.
bool tellsOfRow(const ExactPart& part, const Trace& trace, HeadId head, std::optional<std::uint32_t> row);
/// Who reads a key in a head (readColumnProfile): only all of its readers tell.
bool tellsOfColumn(const ExactPart& part, const Trace& trace, HeadId head, std::optional<std::uint32_t> key);
/// The heads by what a row gives to a key, or to any (rankHeads): every head's row tells, or a single pair.
bool tellsOfHeads(const ExactPart& part, const TokenPair& pair);

} // namespace headwater
