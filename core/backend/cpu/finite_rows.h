// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace headwater {

/// Whether no binary16 is an infinity or a NaN.
bool areFinite(std::span<const std::uint16_t> halves);

/// Looks at what one operation of a layer writes, tile by tile, and remembers the first row that holds an
/// infinity or a NaN. Attention would not show it: a score that is not a number counts as no attention at
/// all, and the map of a damaged model would look perfect. Threads: look() from any.
class FiniteRows {
public:
    /// Shape: x [rows, width]; firstRow is absolute. Cost: one pass that only reads, some thousandths of the
    /// product that wrote x.
    void look(const float* x, std::uint32_t firstRow, std::uint32_t rows, std::size_t width);

    /// BadFormat naming the layer and the row, when there is one; `what` says in the plural what was looked
    /// at.
    Result<void> verdict(int layer, const char* what) const;
    /// The same of what belongs to no layer; `where` takes the layer's place.
    Result<void> verdict(const char* what, const std::string& where) const;

private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::atomic<std::uint32_t> m_first{kNone};
};

} // namespace headwater
