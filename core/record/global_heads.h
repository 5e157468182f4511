// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"
#include "core/record/head_statistics.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace headwater {

/// What global heads keep, all together: the numbers of a run's report and of a trace's verdict. Means are
/// weighted by rows.
class GlobalHeads {
public:
    void add(std::uint32_t rows, Normaliser normaliser, const HeadStatistics& statistics,
             const PairCounts& pairs);

    int count() const { return m_count; }
    int unknown() const { return m_unknown; } ///< heads of which no kept mass is known

    /// Heads are sampled independently: their half widths (the larger side of each interval) add as squares.
    /// Within [0, 1]; all NaN without heads, or where it is unknown of one.
    Interval keptMass() const;
    /// The part of it outside token 0, the diagonal and the recent blocks; NaN likewise.
    double contentMass() const;
    /// Some head's interval has a width, or an unknown one.
    bool isSampled() const { return m_isSampled; }
    /// The fewest of a head whose whole rows are not known; nothing where they are known of every head.
    std::optional<std::uint32_t> probeRows() const { return m_probeRows; }

    std::uint64_t usablePairs() const { return m_usablePairs; }
    std::uint64_t keptPairs() const { return m_keptPairs; }
    /// Kept of the usable pairs; NaN where there are none.
    double keptFraction() const;

private:
    int m_count = 0;
    int m_unknown = 0;
    bool m_isSampled = false;
    double m_rows = 0;
    double m_kept = 0;
    double m_squares = 0;
    double m_content = 0;
    std::optional<std::uint32_t> m_probeRows;
    std::uint64_t m_usablePairs = 0;
    std::uint64_t m_keptPairs = 0;
};

} // namespace headwater
