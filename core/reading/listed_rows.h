// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/exact_windows.h"
#include "core/reading/known_mass.h"
#include "core/reading/trace_reading.h"

#include <optional>
#include <vector>

namespace headwater {

/// What is known token by token of some rows, of every head: as the run recorded it, or as a session has
/// given it over keys that were not rounded (which comes first).
class ListedRows {
public:
    /// Keys: those that are asked for; none: all. Cost: one query a recorded row, 0.3 KiB a row and head.
    static ListedRows load(const TraceReading& reading, TokenRange rows, std::optional<TokenRange> keys);

    /// Of a head, by its place in Trace::heads(): knowledge without blocks. It points into this object.
    SpanKnowledge of(const HeadInfo& info, const HeadShape& shape, std::size_t head) const;

    /// What could not be read of a head; none where all is there.
    const std::optional<Error>& failureOf(std::size_t head) const { return m_heads[head].failure; }

private:
    struct Head {
        std::vector<TokenRow> rows; ///< ascending
        ExactWindows::Windows windows;
        std::optional<Error> failure;
    };

    void addSession(const TraceReading& reading, TokenRange rows, std::optional<TokenRange> keys);
    void addRecorded(const Trace& trace, std::uint32_t row);

    std::vector<Head> m_heads;
};

} // namespace headwater
