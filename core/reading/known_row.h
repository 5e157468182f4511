// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/edge_query.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// What is known of one row of one head: its heaviest keys, token by token, where the trace has recorded the
/// row or a session has given it, else the blocks that its query block keeps.
struct KnownRow {
    HeadId head;
    std::uint32_t token = 0;
    /// The numbers are the row's own, of single keys; false: they are means over the rows of its block, of
    /// blocks of keys.
    bool ofKeys = false;
    bool exact = false; ///< ofKeys, and not computed from rounded keys
    const char* quantity = ""; ///< "p_model", "p_stream", "p_masked"
    float lse = std::numeric_limits<float>::quiet_NaN(); ///< of the whole row's scores; NaN: not recorded

    std::vector<std::uint32_t> keys; ///< ofKeys: heaviest first
    std::vector<float> probability; ///< of them
    std::vector<BlockEntry> blocks; ///< not ofKeys: heaviest first, by mass
    std::size_t held = 0; ///< keys or blocks that are known of the row; the first of them are listed

    /// No key that is not listed, or in no listed block, has more; NaN where the trace has no bound.
    float bound = std::numeric_limits<float>::quiet_NaN();
    /// What the row gives to those keys together; NaN where it is not known. Error, where exact: that of a
    /// sum of the row's floats, about 1e-7.
    float rest = std::numeric_limits<float>::quiet_NaN();
};

/// Lists at most `most` keys or blocks. Errors: InvalidArgument (no such row), NotFound (no such head, or
/// only its overviews are stored), those of the trace. Cost: of a row that is not recorded one chunk, which
/// stays in the cache.
Result<KnownRow> knownRow(const TraceReading& reading, HeadId head, std::uint32_t row, std::size_t most,
                          const std::stop_token& stop = {});

/// The heaviest of all keys that a row may read. Shape: p [row + 1 - firstKey], of the keys from firstKey to
/// the row's own. Sets keys, probability, held, bound and rest; the rest is the caller's. Cost: O(keys · log
/// most).
KnownRow heaviestOf(std::span<const float> p, std::uint32_t firstKey, std::size_t most);

} // namespace headwater
