// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/content_plane.h"
#include "core/record/head_record.h"
#include "core/record/head_statistics.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// The statistics of a head, added up row range after row range: what was added need not be kept. A copy
/// remembers how far it was.
///
/// Q a query block of n_Q rows, T rows in all, m(Q, B) the recorded mass of an edge; sums over Q are weighted
/// by n_Q / T, so that every row counts once.
///   keptMass     sum m(Q, B), lo = hi = mean; p5 and min over the rows of 1 - missed.
///   contentMass  sum m(Q, B) over the blocks that are not always kept, and block 0 without token 0 where
///   block 0 is
///                neither recent nor diagonal. Sliding heads: 0.
///   entropy      - sum m ln m over the edges and the block's mean missed mass as one part (nat).
///   sinkShare    sum m(Q, 0). meanDistance sum m(Q, B) d(Q, B), d the mean of t - j over the causal (and
///   windowed)
///                pairs of the two blocks. density kept pairs / usable pairs.
/// Normaliser kept: entropy, sinkShare and meanDistance are of the kept keys alone, and what speaks of the
/// whole row (kept mass, content) is NaN until probe rows tell it (core/select/probe_rows.h).
class HeadSums {
public:
    /// mostRows: the rows that the head may ever have, the generated ones included; of more the 5th
    /// percentile is unknown (NaN).
    HeadSums(const HeadShape& shape, Normaliser normaliser, std::uint32_t mostRows);

    /// Adds the rows [first, end) of a record, which follow those added before. first: a multiple of
    /// kTileRows; end too, or the record's end. The record's sequence may have become longer. Cost: O(edges).
    void add(const HeadRecord& record, std::uint32_t first, std::uint32_t end);
    void add(const HeadRecord& record) { add(record, record.firstRow, record.firstRow + record.numRows); }

    std::uint32_t rows() const { return m_rows; }
    const PairCounts& pairs() const { return m_pairs; }
    HeadStatistics statistics() const;

    OverviewShape contentShape() const { return m_content.shape(); }
    std::vector<std::uint8_t> contentCodes() const { return m_content.codes(m_rows); }

private:
    void addBlock(const HeadRecord& record, std::uint32_t queryBlock);
    void addMissed(float missed);

    HeadShape m_shape;
    Normaliser m_normaliser;
    std::uint32_t m_rows = 0;
    // Sums over rows.
    double m_kept = 0;
    double m_contentMass = 0;
    double m_entropy = 0;
    double m_sink = 0;
    double m_distance = 0;
    PairCounts m_pairs;
    std::size_t m_mostRemembered; ///< as many rows as the 5th percentile can ask for
    std::vector<float> m_mostMissed; ///< of the rows that miss most; a heap, the least of them first
    ContentPlane m_content;
};

} // namespace headwater
