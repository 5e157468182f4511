// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "head_arrays.h"

#include <random>
#include <string>

namespace headwater::test {

/// A head made for tests.
using MadeHead = HeadArrays;

/// `kind`: "random" (independent normal numbers), "topics" (a random walk plus noise, queries near it),
/// "needles" (topics, a strong first token, and rows that give one far key most of their probability),
/// "local" (queries like their own and the previous keys), "capped" (needles whose scores are capped at 3).
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
    if (kind == "capped")
        head.scoreCap = 3;
    if (kind == "needles" || kind == "capped")
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

} // namespace headwater::test
