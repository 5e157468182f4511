// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/known_mass.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// Rows of one head that read the keys: one row where it is known token by token, else the rows of a query
/// block.
struct KeyReader {
    HeadId head;
    TokenRange rows;
    KnownMass mass; ///< the mean over the rows of what they give to the keys together
};

/// How much one token reads the keys in the head that reads them most.
struct ReaderShade {
    /// Between the largest of all heads' lower numbers and the largest of their upper ones; the state is that
    /// of the head with the latter. State None: no head's row may read the keys.
    KnownMass mass;
    std::optional<HeadId> head; ///< with the largest lower number; none where that is 0
};

/// A span of keys followed forward: who reads it, in which head, from where.
struct KeyReaders {
    TokenRange keys;
    std::vector<KeyReader> readers; ///< by what is certain, then by what is possible; ties by head and row
    std::size_t held = 0; ///< of all there are, listed or not
    double bound = 0; ///< no reader that is not listed has more; NaN where the trace has no bound of one
    std::vector<ReaderShade> shade; ///< of every token. Shape: [tokens]
    std::vector<HeadId> unknownHeads; ///< whose edges the trace does not hold: they are in neither
    std::vector<HeadId> damagedHeads;
    std::optional<Error> failure; ///< of the last of those
};

/// Of these heads (empty: every finished one), at most `most` readers. For worker threads. Cost: every edge
/// of the heads from the keys on is decoded, on up to four threads, and a number a row and head is made; kept
/// is what is returned. Errors: InvalidArgument (keys that the sequence does not have), Cancelled.
Result<KeyReaders> readKeyReaders(const TraceReading& reading, TokenRange keys, std::size_t most,
                                  std::span<const HeadId> heads = {}, const std::stop_token& stop = {});

} // namespace headwater
