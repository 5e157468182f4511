// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/trace/trace_reader.h"

#include <memory>
#include <span>

namespace headwater {

/// A session's check of itself: every row's log-sum-exp of every head that the trace holds, against the
/// stored one.
class LseCheck {
public:
    /// sameArithmetic: the trace was computed on this class of processor, by this GEMM library.
    LseCheck(std::shared_ptr<const Trace> trace, bool sameArithmetic);

    /// Errors: BadFormat naming head and row where the difference is beyond the tolerance, and what may be
    /// the cause; those of Trace::loadRows.
    Result<void> compare(int layer, std::span<const HeadObservation> heads);

    /// The same of some rows that were asked again over every key that they may read; where the trace's is
    /// over the kept keys alone, it must not be larger. Shape: lse [rows, heads].
    Result<void> compareRows(int layer, std::span<const std::uint32_t> rows, std::span<const float> lse);

    float tolerance() const { return m_tolerance; }
    float largest() const { return m_largest; } ///< difference seen so far
    std::uint32_t headsCompared() const { return m_heads; }

private:
    /// Null where the trace does not hold them.
    Result<std::shared_ptr<const HeadRows>> storedRows(int layer, int head, std::size_t rows) const;
    Error disagreement(int layer, int head, std::size_t row, float stored, float computed) const;

    std::shared_ptr<const Trace> m_trace;
    float m_tolerance;
    float m_largest = 0;
    std::uint32_t m_heads = 0;
};

} // namespace headwater
