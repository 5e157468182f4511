// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/row_tokens.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"
#include "core/record/token_pair.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

/// What one row gives to one key in one head.
struct HeadRead {
    HeadId head;
    float mass = 0; ///< 0 where the key is not among what is known of that row
    std::uint32_t key = 0;
    /// False: the pair is not known. Where the head lists keys of the row it has at most the least of them,
    /// which may be more than what is known of another head.
    bool isHeld = false;
    std::uint32_t recorded = 0; ///< keys that are known of the row, token by token; 0: of blocks
};

/// All heads ranked by what a row gives to a key, or, without a key, by the heaviest key that is no marked
/// sink.
struct HeadReads {
    TokenPair pair;
    RowSource source = RowSource::Blocks; ///< probabilities of the row itself; otherwise block masses
    std::uint32_t blockQ = 1; ///< rows a value is the mean of
    std::uint32_t blockK = 1; ///< keys a value is the sum over
    std::vector<HeadRead>
        heads; ///< heaviest first, those not held as if they had nothing; ties by layer and head
    std::size_t unknownHeads = 0; ///< heads whose edges the trace does not hold
    std::vector<HeadId> damagedHeads; ///< heads that could not be read; the others are there all the same
    std::optional<Error> failure; ///< of the last of those

    bool ofTokens() const { return isOfTokens(source); }
};

/// For worker threads: from what a session has given of the row (all heads then), else the row table where
/// the trace has the row, else from the query block of every head. `pair.query` must be set. Cost: one query,
/// or one chunk of every head decoded, which stays in the cache for the rows beside it.
HeadReads rankHeads(const TraceReading& reading, const TokenPair& pair, const std::stop_token& stop);

} // namespace headwater
