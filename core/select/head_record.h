// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/block_grid.h"
#include "core/select/select_params.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

/// What one head keeps of the rows [firstRow, firstRow + numRows): CSR over query blocks, and the truth per
/// row. firstRow is a multiple of blockQ. Values are float here; the trace stores mass, peak and missed as
/// binary16.
struct HeadRecord {
    int layer = 0;
    int head = 0;
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0; ///< sliding heads: keys a row sees, itself included; 0 for global
    Normaliser normaliser = Normaliser::Exact;
    Selection selection = Selection::Exact; ///< never Auto
    BlockGrid grid;
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;

    /// Shape: rowPtr [query blocks of the range + 1]; the others [edges]. Key blocks ascend inside a query
    /// block.
    std::vector<std::uint32_t> rowPtr;
    std::vector<std::uint32_t> keyBlock;
    std::vector<float> mass; ///< mean over the block's rows of the probability inside the block
    std::vector<float> peak; ///< largest single probability inside the block
    std::vector<std::uint16_t> peakAt; ///< where it is: row << 8 | column, both inside the block

    /// Shape: [numRows]. lse: log-sum-exp of the scaled scores (true where exact, of the kept keys where
    /// kept). missed: probability outside the kept blocks, missedPeak: its largest single one; NaN where the
    /// normaliser is kept.
    std::vector<float> lse;
    std::vector<float> missed;
    std::vector<float> missedPeak;

    /// Probability given to token 0 by the rows for which block 0 is neither a recent nor a diagonal block,
    /// summed; follows the normaliser.
    double tokenZeroFar = 0;

    std::uint64_t alwaysKeptPairs = 0; ///< pairs (causal) inside block 0, the diagonal and the recent block
    std::uint64_t extraPairs = 0; ///< pairs inside blocks kept beyond the budget by keepPeak
    std::uint64_t extraEdges = 0;
    std::uint64_t keptPairs = 0; ///< all causal pairs inside kept blocks (window-limited for sliding heads)
    std::uint64_t usablePairs = 0; ///< all pairs the rows could use
};

/// The counters of a record on their own: they add up over row ranges.
struct RecordTotals {
    double tokenZeroFar = 0;
    std::uint64_t alwaysKeptPairs = 0;
    std::uint64_t extraPairs = 0;
    std::uint64_t extraEdges = 0;
    std::uint64_t keptPairs = 0;
    std::uint64_t usablePairs = 0;

    static RecordTotals of(const HeadRecord& record)
    {
        return {record.tokenZeroFar, record.alwaysKeptPairs, record.extraPairs,
                record.extraEdges,   record.keptPairs,       record.usablePairs};
    }
    void copyTo(HeadRecord& record) const
    {
        record.tokenZeroFar = tokenZeroFar;
        record.alwaysKeptPairs = alwaysKeptPairs;
        record.extraPairs = extraPairs;
        record.extraEdges = extraEdges;
        record.keptPairs = keptPairs;
        record.usablePairs = usablePairs;
    }
    RecordTotals& operator+=(const RecordTotals& other)
    {
        tokenZeroFar += other.tokenZeroFar;
        alwaysKeptPairs += other.alwaysKeptPairs;
        extraPairs += other.extraPairs;
        extraEdges += other.extraEdges;
        keptPairs += other.keptPairs;
        usablePairs += other.usablePairs;
        return *this;
    }
};

/// Mean with its 95 % interval; lo == hi == mean where the number is exact.
struct Interval {
    double mean = 0;
    double lo = 0;
    double hi = 0;
};

/// Row-weighted statistics of one whole head (formulas: docs/trace_format.md). Unknown values are NaN.
struct HeadStatistics {
    Interval keptMass;
    double keptMassP5 = 0;
    double keptMassMin = 0;
    double contentMass = 0; ///< kept mass outside token 0, the diagonal and the recent blocks
    double entropy = 0; ///< nat; of the kept block masses plus the missed mass as one part
    double sinkShare = 0; ///< mass in block 0
    double meanDistance = 0; ///< sum p (t - j)
    double density = 0; ///< kept pairs / usable pairs
    std::uint32_t probeRows = 0;
};

/// One row of the trace's `row` table: the heaviest keys of one row of one head, token by token.
struct TokenRow {
    int layer = 0;
    int head = 0;
    std::uint32_t row = 0;
    std::vector<std::uint32_t> keys; ///< by falling probability, ties to the smaller key
    std::vector<float> probability;
};

} // namespace headwater
