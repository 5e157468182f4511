// SPDX-License-Identifier: Apache-2.0
#include "core/select/token_row.h"

#include "core/select/row_softmax.h"
#include "core/select/scores.h"

#include <algorithm>
#include <numeric>

namespace headwater {

std::vector<float> exactRow(const HeadShape& shape, const KeyValues& head, const float* query,
                            std::uint32_t row)
{
    std::vector<float> p(row + 1, 0.0f);
    const std::uint32_t first = shape.firstKey(row);
    for (std::uint32_t key = first; key <= row; key += kTileKeys) {
        const std::uint32_t count = std::min(kTileKeys, row + 1 - key);
        scoreRowsOf({query, head.headDim, 1},
                    {head.keys + std::size_t(key) * head.keyStride, head.keyStride, count}, head.headDim,
                    head.scoreCap, p.data() + key, count);
    }
    rowSoftmax(p.data() + first, row + 1 - first);
    return p;
}

TokenRow tokenRow(int layer, int headIndex, const HeadShape& shape, const KeyValues& head, const float* query,
                  std::uint32_t row, std::uint32_t most)
{
    const std::vector<float> p = exactRow(shape, head, query, row);
    std::vector<std::uint32_t> keys(p.size());
    std::iota(keys.begin(), keys.end(), 0u);
    const auto end = keys.begin() + std::ptrdiff_t(std::min<std::size_t>(most, keys.size()));
    std::partial_sort(keys.begin(), end, keys.end(), [&](std::uint32_t a, std::uint32_t b) {
        return p[a] > p[b] || (p[a] == p[b] && a < b);
    });
    TokenRow result;
    result.layer = layer;
    result.head = headIndex;
    result.row = row;
    for (auto key = keys.begin(); key != end && p[*key] > 0; ++key) {
        result.keys.push_back(*key);
        result.probability.push_back(p[*key]);
    }
    return result;
}

} // namespace headwater
