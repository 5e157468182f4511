// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_record.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Which key blocks every query block of one tile keeps: CSR, key blocks ascending.
/// Shape: rowPtr [query blocks of the tile + 1], keyBlock [edges].
struct BlockMask {
    std::vector<std::uint32_t> rowPtr;
    std::vector<std::uint32_t> keyBlock;
    Extras extras; ///< of them, kept beyond the budget by keepPeak

    void reset()
    {
        rowPtr.assign(1, 0);
        keyBlock.clear();
        extras = {};
    }
    void endQueryBlock() { rowPtr.push_back(static_cast<std::uint32_t>(keyBlock.size())); }
};

} // namespace headwater
