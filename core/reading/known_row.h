// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/edge_query.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <vector>

namespace headwater {

/// What a trace knows of one row of one head: its heaviest keys, token by token, where the trace has recorded
/// the row, else the blocks that its query block keeps.
struct KnownRow {
    HeadId head;
    std::uint32_t token = 0;
    /// The numbers are the row's own, of single keys; false: they are means over the rows of its block, of
    /// blocks of keys.
    bool exact = false;
    const char* quantity = ""; ///< "p_model", "p_stream", "p_masked"
    float lse = std::numeric_limits<float>::quiet_NaN(); ///< of the whole row's scores; NaN: not recorded

    std::vector<std::uint32_t> keys; ///< exact: heaviest first
    std::vector<float> probability; ///< of them
    std::vector<BlockEntry> blocks; ///< not exact: heaviest first, by mass
    std::size_t held = 0; ///< keys or blocks that the trace has of the row; the first of them are listed

    /// No key that is not listed, or in no listed block, has more; NaN where the trace has no bound.
    float bound = std::numeric_limits<float>::quiet_NaN();
    /// What the row gives to those keys together; NaN where it is not known.
    float rest = std::numeric_limits<float>::quiet_NaN();
};

/// Lists at most `most` keys or blocks. Errors: InvalidArgument (no such row), NotFound (no such head, or
/// only its overviews are stored), those of the trace. Cost: of a row that is not recorded one chunk, which
/// stays in the cache.
Result<KnownRow> knownRow(const TraceReading& reading, HeadId head, std::uint32_t row, std::size_t most,
                          const std::stop_token& stop = {});

} // namespace headwater
