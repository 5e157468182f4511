// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_record.h"

#include <cstring>
#include <vector>

namespace headwater::test {

/// Whether two records hold the same bytes; NaN is the same as NaN.
inline bool sameRecord(const HeadRecord& a, const HeadRecord& b)
{
    const auto sameFloats = [](const std::vector<float>& x, const std::vector<float>& y) {
        return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
    };
    return a.rowPtr == b.rowPtr && a.keyBlock == b.keyBlock && sameFloats(a.mass, b.mass)
        && sameFloats(a.peak, b.peak) && a.peakAt == b.peakAt && sameFloats(a.lse, b.lse)
        && sameFloats(a.missed, b.missed) && sameFloats(a.missedPeak, b.missedPeak)
        && sameFloats(a.tokenZero, b.tokenZero);
}

} // namespace headwater::test
