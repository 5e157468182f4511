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

    float tolerance() const { return m_tolerance; }
    float largest() const { return m_largest; } ///< difference seen so far
    std::uint32_t headsCompared() const { return m_heads; }

private:
    std::shared_ptr<const Trace> m_trace;
    float m_tolerance;
    float m_largest = 0;
    std::uint32_t m_heads = 0;
};

} // namespace headwater
