// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/exact_windows.h"
#include "core/record/head_shape.h"
#include "core/record/token_row.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace headwater {

/// What is decoded of a head around one of its rows.
struct RowKnowledge {
    const HeadShape& shape;
    const EdgeSlice& edges; ///< the row among them
    float missedPeak = std::numeric_limits<float>::quiet_NaN(); ///< of the row, NaN where unknown
    const TokenRow* recorded = nullptr; ///< the row token by token; null where the trace has it by block only
    const ExactWindow* exact = nullptr; ///< what a session has given of this head; null where nothing
};

/// What a trace knows of one pair of one head: a number, or how large the number can be at most. The one rule
/// for map, hand, words and lists: none of them shows a number for a pair that has none here.
struct KnownPair {
    enum class State {
        None, ///< the row cannot read the key: its future, or outside the head's window
        Recorded, ///< among the keys of its row in the trace's token rows: the number is the row's own
        Peak, ///< the largest pair of a kept block: the number is the block's
        BelowRecorded, ///< its row is recorded, and the key not among the heaviest
        InBlock, ///< somewhere in a kept block whose largest pair is another one
        NotKept, ///< in no kept block
        Exact, ///< a session has given it: the number is the pair's own
    };
    /// The kept block that holds the pair.
    struct Block {
        TokenRange queries;
        TokenRange keys;
        float peak = 0; ///< as stored (binary16)
        float mass = 0; ///< mean over its rows of what they give to its keys
        std::uint32_t peakRow = 0;
        std::uint32_t peakKey = 0;
    };

    State state = State::None;
    std::uint32_t row = 0;
    std::uint32_t key = 0;
    /// Exact, Recorded and Peak: its probability, else NaN. An exact or recorded one is of the whole row,
    /// whatever the head's normaliser; a peak follows the normaliser.
    float value = std::numeric_limits<float>::quiet_NaN();
    /// No less than its probability: of the whole row where it is recorded or below the recorded ones, else
    /// by the head's normaliser. 0 of None; NaN where the trace has no bound.
    float bound = 0;
    std::optional<Block> block; ///< none: its block is not kept, or the pair is None
    std::uint32_t recordedKeys = 0; ///< of its row; 0 where the row is not recorded
    std::uint32_t rank = 0; ///< Recorded: among those, 1 is the heaviest
    bool isOfModel = false; ///< Exact: p_model; else p_stream
    bool isRounded = false; ///< Exact: over keys rounded to binary16, right to two digits

    bool hasValue() const
    {
        return state == State::Exact || state == State::Recorded || state == State::Peak;
    }
};

/// The pair (row, key) of `known`'s head and row; both below the sequence's length. What a session has given
/// comes first, then a number that the row itself has, then a block's, then what bounds most closely. Bounds
/// that were rounded to nearest when they were stored are widened. Cost: O(log edges of the block's row +
/// recorded keys).
KnownPair knownPair(const RowKnowledge& known, std::uint32_t row, std::uint32_t key);

} // namespace headwater
