// SPDX-License-Identifier: Apache-2.0
#include "core/reading/recorded_rows.h"

#include "core/record/whole_row.h"

#include <algorithm>

namespace headwater {

Result<std::vector<TokenRow>> recordedRows(HeadCache& heads, int layer, int head, TokenRange rows,
                                           const std::stop_token& stop)
{
    std::vector<TokenRow> recorded;
    for (std::uint32_t band = rows.begin / kTokenRowBand; band * kTokenRowBand < rows.end; ++band) {
        HEADWATER_TRY_ASSIGN(const auto all, heads.loadTokenRows(layer, head, band, stop));
        const auto first = std::ranges::lower_bound(*all, rows.begin, {}, &TokenRow::row);
        const auto end = std::ranges::lower_bound(*all, rows.end, {}, &TokenRow::row);
        recorded.insert(recorded.end(), first, end);
    }
    return recorded;
}

RecordedBound boundOf(std::span<const TokenRow> rows, const HeadShape& shape)
{
    RecordedBound bound;
    for (const TokenRow& row : rows) {
        bound.keys = std::max(bound.keys, static_cast<std::uint32_t>(row.keys.size()));
        if (!isListedWhole(row, shape) && !row.probability.empty())
            bound.most = std::max(bound.most, row.probability.back());
    }
    return bound;
}

} // namespace headwater
