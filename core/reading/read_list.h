// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/row_tokens.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

/// One line of a list of reads: a token, or a block of tokens by its heaviest pair.
struct ReadLine {
    std::uint32_t begin = 0; ///< tokens [begin, end) the mass belongs to
    std::uint32_t end = 0;
    std::uint32_t token = 0; ///< the token; in a block that of the heaviest pair
    float mass = 0;
};

/// What one row of one head reads, or who reads one of its keys. Heaviest first.
struct ReadList {
    HeadId head;
    std::uint32_t token = 0; ///< the row, or the key
    RowSource source = RowSource::Blocks; ///< of the row's own tokens; otherwise block masses
    std::uint32_t blockQ = 1; ///< a block mass is the mean over so many rows
    std::uint32_t blockK = 1; ///< of what they give to so many keys
    bool isHeld = false; ///< false: this trace has no edges of this head
    std::vector<ReadLine> lines; ///< the first `most`
    std::size_t numKept = 0; ///< of all there are
    double keptMass = 0; ///< sum over all there are (a row's list: what the row keeps)
    std::optional<Error> failure;

    bool ofTokens() const { return isOfTokens(source); }
};

/// Token by token where that is known (rowTokens), else from its query block. For worker threads.
ReadList readRow(const TraceReading& reading, HeadId head, std::uint32_t row, std::size_t most,
                 const std::stop_token& stop);
/// Row by row where a session has given them all (readColumnProfile), else every query block that keeps the
/// block of `key`. For worker threads.
ReadList readColumn(const TraceReading& reading, HeadId head, std::uint32_t key, std::size_t most,
                    const std::stop_token& stop);

} // namespace headwater
