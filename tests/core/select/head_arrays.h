// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_record.h"
#include "core/select/head_tile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace headwater::test {

/// Queries, keys and values of one head, made or a model's. Shape: [tokens, dim] each; the score scale is in
/// the queries.
struct HeadArrays {
    std::uint32_t tokens = 0;
    std::uint32_t dim = 0;
    std::vector<float> queries;
    std::vector<float> keys;
    std::vector<float> values;
    float scoreCap = 0;

    KeyValues keyValues() const { return {keys.data(), dim, values.data(), dim, tokens, dim, scoreCap}; }
    double capped(double score) const
    {
        return scoreCap > 0 ? double(scoreCap) * std::tanh(score / double(scoreCap)) : score;
    }
    QueryTile tile(std::uint32_t firstRow) const
    {
        return {queries.data() + std::size_t(firstRow) * dim, dim, firstRow,
                std::min(kTileRows, tokens - firstRow)};
    }
    std::uint32_t numTiles() const { return (tokens + kTileRows - 1) / kTileRows; }
};

/// Probabilities of one row in float64. Shape: p [row + 1]; zero outside the window.
struct DenseRow {
    std::vector<double> p;
    double lse = 0;
};

inline DenseRow denseRow(const HeadArrays& head, const HeadShape& shape, std::uint32_t row)
{
    DenseRow dense;
    dense.p.assign(row + 1, 0.0);
    const std::uint32_t from = shape.firstKey(row);
    double top = -1e300;
    for (std::uint32_t key = from; key <= row; ++key) {
        double score = 0;
        for (std::uint32_t i = 0; i < head.dim; ++i)
            score += double(head.queries[std::size_t(row) * head.dim + i])
                * double(head.keys[std::size_t(key) * head.dim + i]);
        dense.p[key] = head.capped(score);
        top = std::max(top, dense.p[key]);
    }
    double sum = 0;
    for (std::uint32_t key = from; key <= row; ++key)
        sum += std::exp(dense.p[key] - top);
    dense.lse = top + std::log(sum);
    for (std::uint32_t key = from; key <= row; ++key)
        dense.p[key] = std::exp(dense.p[key] - dense.lse);
    return dense;
}

template <class T> bool sameBytes(const std::vector<T>& a, const std::vector<T>& b)
{
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

inline bool isKept(const HeadRecord& record, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const auto begin = record.keyBlock.begin() + record.rowPtr[queryBlock];
    const auto end = record.keyBlock.begin() + record.rowPtr[queryBlock + 1];
    return std::binary_search(begin, end, keyBlock);
}

} // namespace headwater::test
