// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_record.h"
#include "core/select/head_tile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace headwater::test {

/// A head made for tests. Shape: queries, keys, values [tokens, dim]; the score scale is in the queries.
struct MadeHead {
    std::uint32_t tokens = 0;
    std::uint32_t dim = 0;
    std::vector<float> queries;
    std::vector<float> keys;
    std::vector<float> values;

    KeyValues keyValues() const { return {keys.data(), dim, values.data(), dim, tokens, dim}; }
    QueryTile tile(std::uint32_t firstRow) const
    {
        return {queries.data() + std::size_t(firstRow) * dim, dim, firstRow,
                std::min(kTileRows, tokens - firstRow)};
    }
};

/// `kind`: "random" (independent normal numbers), "topics" (a random walk plus noise, queries near it),
/// "needles" (topics, a strong first token, and rows that give one far key most of their probability),
/// "local" (queries like their own and the previous keys).
inline MadeHead makeHead(const std::string& kind, std::uint32_t tokens, std::uint32_t dim, std::uint32_t seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    MadeHead head{tokens, dim, {}, {}, {}};
    for (auto* values : {&head.queries, &head.keys, &head.values})
        for (std::size_t i = 0; i < std::size_t(tokens) * dim; ++i)
            values->push_back(normal(random));
    const float scale = 1.5f / std::sqrt(static_cast<float>(dim));
    std::vector<float> topic(dim);
    for (std::uint32_t t = 0; t < tokens; ++t)
        for (std::uint32_t i = 0; i < dim; ++i) {
            topic[i] = topic[i] * 0.98f + 0.2f * normal(random);
            const std::size_t at = std::size_t(t) * dim + i;
            if (kind != "random") {
                head.keys[at] += topic[i];
                head.queries[at] += topic[i];
            }
            if (kind == "local")
                head.queries[at] = 2 * head.keys[at] + head.queries[at];
        }
    if (kind == "needles")
        for (std::uint32_t t = 1; t < tokens; ++t)
            for (std::uint32_t i = 0; i < dim; ++i) {
                const std::size_t at = std::size_t(t) * dim + i;
                if (t % 7 == 3)
                    head.queries[at] += 2 * head.keys[std::size_t((t * 37u) % t) * dim + i];
                head.queries[at] += 0.7f * head.keys[i];
            }
    for (float& q : head.queries)
        q *= scale;
    return head;
}

/// A head whose rows all read token 0, so strongly that every other probability underflows to 0.
inline MadeHead makeSinkHead(std::uint32_t tokens, std::uint32_t dim)
{
    MadeHead head = makeHead("random", tokens, dim, 31);
    for (std::uint32_t t = 0; t < tokens; ++t) {
        head.queries[std::size_t(t) * dim] = 20;
        head.keys[std::size_t(t) * dim] = t == 0 ? 20.0f : 0.0f;
    }
    return head;
}

/// Probabilities of one row in float64. Shape: p [row + 1]; zero outside the window.
struct DenseRow {
    std::vector<double> p;
    double lse = 0;
};

inline DenseRow denseRow(const MadeHead& head, const HeadShape& shape, std::uint32_t row)
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
        dense.p[key] = score;
        top = std::max(top, score);
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
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

inline bool isKept(const HeadRecord& record, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const auto begin = record.keyBlock.begin() + record.rowPtr[queryBlock];
    const auto end = record.keyBlock.begin() + record.rowPtr[queryBlock + 1];
    return std::binary_search(begin, end, keyBlock);
}

} // namespace headwater::test
