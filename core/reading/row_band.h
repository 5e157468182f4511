// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/trace_reading.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

/// What one head keeps of some rows, cut out of its chunks.
struct HeadBand {
    EdgeSlice edges;
    RowSlice values;
    bool isStored = false; ///< false: the trace holds only the head's overviews
    std::optional<Error> failure; ///< it could not be read
};

/// What every head of a trace keeps of a band of rows: decoded once, for all questions about these rows.
struct RowBand {
    std::shared_ptr<const Trace> trace;
    TokenRange rows; ///< whole tiles of kTileRows
    std::vector<HeadBand> heads; ///< as in Trace::heads()

    bool holds(const Trace& of, TokenRange some) const
    {
        return trace.get() == &of && some.begin >= rows.begin && some.end <= rows.end;
    }
    std::size_t bytes() const;
};

/// One head's part. Errors are in it. Cost: the chunks that hold the rows.
HeadBand loadHeadBand(const TraceReading& reading, const HeadInfo& info, TokenRange rows,
                      const std::stop_token& stop);

/// The tiles that hold these rows, of all heads. For worker threads. Cost: one chunk of every head decoded on
/// up to four threads; kept are a few KiB a head and tile. Errors: Cancelled.
Result<std::shared_ptr<const RowBand>> loadRowBand(const TraceReading& reading, TokenRange rows,
                                                   const std::stop_token& stop = {});

} // namespace headwater
