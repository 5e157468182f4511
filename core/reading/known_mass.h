// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/exact_windows.h"
#include "core/record/head_shape.h"
#include "core/record/token_row.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace headwater {

/// What is decoded of a head around some of its rows.
struct SpanKnowledge {
    const HeadShape& shape;
    Normaliser normaliser = Normaliser::Exact;
    const EdgeSlice* edges =
        nullptr; ///< the rows among them; null: rows are known token by token or not at all
    const RowSlice* values = nullptr; ///< of the same rows; null where edges are
    std::span<const TokenRow> tokens = {}; ///< the rows' own heaviest keys, by row, where they are known
    /// What a session has given of the head, over keys that were not rounded, the first to be shown last.
    std::span<const std::shared_ptr<const ExactWindow>> windows = {};

    /// What is known of the row token by token; null where nothing is.
    const TokenRow* tokensOf(std::uint32_t row) const;
    /// Whether the row's own keys tell what it gives to those of these that it may read; so where there are
    /// none.
    bool isListed(std::uint32_t row, TokenRange keys) const;
    /// The window to be shown that holds these keys of the row; null where none does.
    const ExactWindow* windowOf(std::uint32_t row, TokenRange keys) const;
};

/// What a head gives to some keys, between two numbers: what knownPair says of each pair, added up, and cut
/// by what is known of their sums (the mass of a block, the rest of a recorded row, the missed mass).
struct KnownMass {
    /// What is not known of it, for the most part.
    enum class State {
        None, ///< there is no pair: the keys are the rows' future, or outside the head's window
        Exact, ///< nothing: lower and upper differ by the rounding of stored numbers alone
        BelowRecorded, ///< keys that recorded rows do not list
        InBlock, ///< which pairs of kept blocks have it
        NotKept, ///< keys in no kept block
    };
    State state = State::None;
    double lower = 0;
    double upper = 0; ///< NaN where the trace has no bound
    /// Of whole rows; false: of the kept keys alone, as the head's normaliser has it.
    bool ofWholeRow = true;

    bool isExact() const { return state == State::Exact; }
};

/// "none", "exact", "below_recorded", "in_block", "not_kept".
const char* nameOf(KnownMass::State state);

/// The mean, over those of the rows that may read one of the keys, of what they give to the keys together.
/// All of it is of one quantity: of the whole rows where all are known token by token. Rows and keys: not
/// empty, below the sequence's length. Of a single pair it is what knownPair says. Cost:
/// O(rows · (kept blocks of the keys + recorded keys)).
KnownMass knownMass(const SpanKnowledge& known, TokenRange rows, TokenRange keys);

/// The same row by row, each of the quantity that says most of it (ofWholeRow). Shape: [rows].
std::vector<KnownMass> knownMasses(const SpanKnowledge& known, TokenRange rows, TokenRange keys);

/// The largest probability that a row gives to a key that is no marked sink (`sinks` ascend).
struct KnownLargest {
    KnownMass p;
    std::uint32_t key = 0; ///< that has at least `p.lower`; the row itself where that is 0
};
/// Cost: O(kept blocks of the row), or O(keys) of a row that a session gave whole.
KnownLargest knownLargest(const SpanKnowledge& known, std::uint32_t row,
                          std::span<const std::uint32_t> sinks);

} // namespace headwater
