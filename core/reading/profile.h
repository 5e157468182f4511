// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/row_tokens.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"
#include "core/record/head_shape.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

/// Values over tokens, in disjoint ranges, ascending: what a row reads, or who reads a key.
struct Profile {
    struct Bar {
        TokenRange tokens;
        float value = 0;
        std::uint32_t at = 0; ///< the token of the heaviest pair among them
    };
    HeadId head;
    std::uint32_t token = 0; ///< the row or key it belongs to
    RowSource source = RowSource::Blocks; ///< of single keys, or means over the token's block
    bool isWhole = false; ///< of single keys: those without a bar get exactly nothing
    std::uint32_t block = 1; ///< rows (or keys) a value is the mean of (or the sum over)
    std::vector<Bar> bars;
    std::optional<Error> failure;

    bool ofTokens() const { return isOfTokens(source); }
};

/// The rows that may read a key.
TokenRange readersOf(const HeadShape& shape, std::uint32_t key);

/// What a row reads: token by token where that is known (rowTokens), else its query block, of which one chunk
/// is decoded. For worker threads. `stop` ends the decoding, which is a failure then.
Profile readRowProfile(const TraceReading& reading, HeadId head, std::uint32_t row,
                       const std::stop_token& stop = {});
/// Who reads a key: every row that may, where a session has given them all, else every query block that keeps
/// its key block, for which the whole head is decoded.
Profile readColumnProfile(const TraceReading& reading, HeadId head, std::uint32_t key,
                          const std::stop_token& stop = {});

} // namespace headwater
