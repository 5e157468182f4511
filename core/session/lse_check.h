// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/trace/trace_reader.h"

#include <memory>
#include <span>

namespace headwater {

/// The same GEMM library on the same class of processor computed the trace: the same steps give the same
/// bits.
bool isSameArithmetic(const Trace& trace);

/// The check of a forward that goes over a trace again: every row's log-sum-exp of every head that the trace
/// holds, against the stored one.
class LseCheck {
public:
    static constexpr float kSameSteps = 0; ///< with the same arithmetic
    static constexpr float kSameArithmetic = 1e-4f;
    static constexpr float kOtherArithmetic = 5e-3f;

    LseCheck(std::shared_ptr<const Trace> trace, float tolerance);

    /// Rows [0, end) of the trace that the observations hold; `end` must be as far as they go at most.
    /// Errors: BadFormat naming head and row where the difference is beyond the tolerance, and what may be
    /// the cause; those of Trace::loadRows.
    Result<void> compare(int layer, std::span<const HeadObservation> heads, std::uint32_t end);

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
