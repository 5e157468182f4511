// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/decode_kernels.h"
#include "core/backend/cpu/decode_lanes.h"

#include <algorithm>
#include <cstring>

/// Attention of one row: KeyScores and ValueSums of decode_kernels.h. A key or value is read and widened once
/// for up to four query heads.
namespace headwater::HEADWATER_INSTRUCTIONS {

constexpr std::size_t kWidth = 16;
constexpr std::size_t kHeadsAtOnce = 4;

inline Floats loadElements(const float* from)
{
    return load(from);
}
inline Floats loadElements(const std::uint16_t* from)
{
    return fromHalves(from);
}

/// The last, incomplete sixteen, zeros behind them.
template <class Element> [[gnu::noinline, gnu::cold]] Floats loadRest(const Element* from, std::size_t count)
{
    Element padded[kWidth] = {};
    std::memcpy(padded, from, count * sizeof(Element));
    return loadElements(padded);
}

/// Sixteen elements, or the `left` that there are.
template <class Element> inline Floats loadUpTo(const Element* from, std::size_t left)
{
    return left >= kWidth ? loadElements(from) : loadRest(from, left);
}

/// Asks for the same elements of a row that comes soon: rows of several KV heads lie between, and what lies
/// behind the last row is asked for in vain.
template <class Element> inline void prefetchLater(const Element* from, std::size_t stride, std::size_t count)
{
    constexpr std::size_t kRowsAhead = 32;
    for (std::size_t i = 0; i < count; i += 64 / sizeof(Element))
        __builtin_prefetch(from + kRowsAhead * stride + i);
}

/// Four keys against Heads queries. Shape: scores [Heads] lines of four.
template <std::size_t Heads, class Element>
inline void scoreFour(const SharedHeads& shared, const float* queries, const Element* const (&keys)[4],
                      float* scores, std::size_t line)
{
    Floats sums[Heads][4];
#pragma GCC unroll 4
    for (std::size_t head = 0; head < Heads; ++head)
#pragma GCC unroll 4
        for (std::size_t k = 0; k < 4; ++k)
            sums[head][k] = zero();
    for (const Element* const key : keys)
        prefetchLater(key, shared.stride, shared.dim);
    for (std::size_t i = 0; i < shared.dim; i += kWidth) {
        const std::size_t left = shared.dim - i;
        Floats key[4];
#pragma GCC unroll 4
        for (std::size_t k = 0; k < 4; ++k)
            key[k] = loadUpTo(keys[k] + i, left);
#pragma GCC unroll 4
        for (std::size_t head = 0; head < Heads; ++head) {
            const Floats query = loadUpTo(queries + head * shared.dim + i, left);
#pragma GCC unroll 4
            for (std::size_t k = 0; k < 4; ++k)
                sums[head][k] = multiplyAdd(query, key[k], sums[head][k]);
        }
    }
#pragma GCC unroll 4
    for (std::size_t head = 0; head < Heads; ++head)
        storeSums(sums[head][0], sums[head][1], sums[head][2], sums[head][3], scores + head * line);
}

template <std::size_t Heads, class Element>
inline void scoreHeads(const SharedHeads& shared, const float* queries, const Element* keys,
                       std::size_t count, float* scores, std::size_t line)
{
    const auto at = [&](std::size_t key) { return keys + key * shared.stride; };
    std::size_t key = 0;
    for (; key + 4 <= count; key += 4)
        scoreFour<Heads>(shared, queries, {at(key), at(key + 1), at(key + 2), at(key + 3)}, scores + key,
                         line);
    if (key == count)
        return;
    // The last keys once more stand in for those that are missing: a key's score does not depend on them.
    float four[Heads * 4];
    const auto present = [&](std::size_t i) { return at(std::min(key + i, count - 1)); };
    scoreFour<Heads>(shared, queries, {present(0), present(1), present(2), present(3)}, four, 4);
    for (std::size_t head = 0; head < Heads; ++head)
        std::copy_n(four + head * 4, count - key, scores + head * line + key);
}

/// Vectors of Heads outputs that stay in registers while all keys pass by. Shape: out [Heads, dim].
template <std::size_t Heads, std::size_t Vectors, class Element>
inline void addColumns(const SharedHeads& shared, const float* p, std::size_t line, const Element* values,
                       std::size_t count, float* out)
{
    Floats sums[Heads][Vectors];
#pragma GCC unroll 4
    for (std::size_t head = 0; head < Heads; ++head)
#pragma GCC unroll 4
        for (std::size_t v = 0; v < Vectors; ++v)
            sums[head][v] = load(out + head * shared.dim + v * kWidth);
    for (std::size_t key = 0; key < count; ++key, values += shared.stride) {
        prefetchLater(values, shared.stride, Vectors * kWidth);
        Floats value[Vectors];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < Vectors; ++v)
            value[v] = loadElements(values + v * kWidth);
#pragma GCC unroll 4
        for (std::size_t head = 0; head < Heads; ++head) {
            const Floats weight = fill(p[head * line + key]);
#pragma GCC unroll 4
            for (std::size_t v = 0; v < Vectors; ++v)
                sums[head][v] = multiplyAdd(weight, value[v], sums[head][v]);
        }
    }
#pragma GCC unroll 4
    for (std::size_t head = 0; head < Heads; ++head)
#pragma GCC unroll 4
        for (std::size_t v = 0; v < Vectors; ++v)
            store(out + head * shared.dim + v * kWidth, sums[head][v]);
}

/// The columns that do not fill a vector.
template <class Element>
inline void addRest(const SharedHeads& shared, std::size_t heads, std::size_t first, const float* p,
                    std::size_t line, const Element* values, std::size_t count, float* out)
{
    const std::size_t rest = shared.dim - first;
    for (std::size_t head = 0; head < heads; ++head) {
        float* const to = out + head * shared.dim + first;
        Floats sum = loadRest(to, rest);
        for (std::size_t key = 0; key < count; ++key)
            sum = multiplyAdd(fill(p[head * line + key]),
                              loadRest(values + key * shared.stride + first, rest), sum);
        float padded[kWidth];
        store(padded, sum);
        std::copy_n(padded, rest, to);
    }
}

template <std::size_t Heads, class Element>
inline void addHeads(const SharedHeads& shared, const float* p, std::size_t line, const Element* values,
                     std::size_t count, float* out)
{
    std::size_t i = 0;
    for (; i + 4 * kWidth <= shared.dim; i += 4 * kWidth)
        addColumns<Heads, 4>(shared, p, line, values + i, count, out + i);
    for (; i + kWidth <= shared.dim; i += kWidth)
        addColumns<Heads, 1>(shared, p, line, values + i, count, out + i);
    if (i < shared.dim)
        addRest(shared, Heads, i, p, line, values, count, out);
}

template <class Element>
void scoreKeys(const SharedHeads& shared, const float* queries, const Element* keys, std::size_t count,
               float* scores, std::size_t line)
{
    for (std::size_t head = 0; head < shared.heads; head += kHeadsAtOnce) {
        const float* const from = queries + head * shared.dim;
        float* const to = scores + head * line;
        switch (std::min(kHeadsAtOnce, shared.heads - head)) {
        case 1:
            scoreHeads<1>(shared, from, keys, count, to, line);
            break;
        case 2:
            scoreHeads<2>(shared, from, keys, count, to, line);
            break;
        case 3:
            scoreHeads<3>(shared, from, keys, count, to, line);
            break;
        default:
            scoreHeads<4>(shared, from, keys, count, to, line);
        }
    }
}

template <class Element>
void addValues(const SharedHeads& shared, const float* p, std::size_t line, const Element* values,
               std::size_t count, float* out)
{
    for (std::size_t head = 0; head < shared.heads; head += kHeadsAtOnce) {
        const float* const from = p + head * line;
        float* const to = out + head * shared.dim;
        switch (std::min(kHeadsAtOnce, shared.heads - head)) {
        case 1:
            addHeads<1>(shared, from, line, values, count, to);
            break;
        case 2:
            addHeads<2>(shared, from, line, values, count, to);
            break;
        case 3:
            addHeads<3>(shared, from, line, values, count, to);
            break;
        default:
            addHeads<4>(shared, from, line, values, count, to);
        }
    }
}

} // namespace headwater::HEADWATER_INSTRUCTIONS
