// SPDX-License-Identifier: Apache-2.0
// Compiled with -ffp-contract=fast: see the header.
#include "core/select/fused_products.h"

#include "core/select/lanes.h"

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

#if defined(__SANITIZE_THREAD__)
#define HEADWATER_FUSED_KERNEL
#else
#define HEADWATER_FUSED_KERNEL __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#endif

/// N keys against one vector of rows.
template <std::uint32_t N>
HEADWATER_LANE_INLINE void scoreGroup(const float* keys, std::size_t stride, const float* queries,
                                      std::uint32_t rows, std::uint32_t dim, float* scores)
{
    F16 sum[N] = {};
    for (std::uint32_t i = 0; i < dim; ++i) {
        F16 q;
        lanes::load(queries + std::size_t(i) * rows, q);
#pragma GCC unroll 8
        for (std::uint32_t n = 0; n < N; ++n)
            sum[n] += q * keys[n * stride + i];
    }
#pragma GCC unroll 8
    for (std::uint32_t n = 0; n < N; ++n)
        lanes::store(scores + std::size_t(n) * rows, sum[n]);
}

/// N output dimensions, all keys, one vector of rows.
template <std::uint32_t N>
HEADWATER_LANE_INLINE void addGroup(const float* values, std::size_t stride, std::uint32_t count,
                                    const float* p, std::uint32_t rows, float* out)
{
    F16 sum[N];
#pragma GCC unroll 16
    for (std::uint32_t n = 0; n < N; ++n)
        lanes::load(out + std::size_t(n) * rows, sum[n]);
    for (std::uint32_t key = 0; key < count; ++key) {
        F16 weight;
        lanes::load(p + std::size_t(key) * rows, weight);
#pragma GCC unroll 16
        for (std::uint32_t n = 0; n < N; ++n)
            sum[n] += weight * values[key * stride + n];
    }
#pragma GCC unroll 16
    for (std::uint32_t n = 0; n < N; ++n)
        lanes::store(out + std::size_t(n) * rows, sum[n]);
}

/// N rows against V vectors of packed keys.
template <std::uint32_t N, std::uint32_t V>
HEADWATER_LANE_INLINE void rowGroup(const float* const* rows, const float* packed, std::uint32_t lanes,
                                    std::uint32_t dim, float* scores)
{
    F16 sum[N * V] = {};
    for (std::uint32_t i = 0; i < dim; ++i) {
        F16 key[V];
#pragma GCC unroll 4
        for (std::uint32_t v = 0; v < V; ++v)
            lanes::load(packed + std::size_t(i) * lanes + v * kLanes, key[v]);
#pragma GCC unroll 8
        for (std::uint32_t n = 0; n < N; ++n) {
            const float q = rows[n][i];
#pragma GCC unroll 4
            for (std::uint32_t v = 0; v < V; ++v)
                sum[n * V + v] += key[v] * q;
        }
    }
#pragma GCC unroll 8
    for (std::uint32_t n = 0; n < N; ++n)
#pragma GCC unroll 4
        for (std::uint32_t v = 0; v < V; ++v)
            lanes::store(scores + std::size_t(n) * lanes + v * kLanes, sum[n * V + v]);
}

template <std::uint32_t V>
HEADWATER_LANE_INLINE void rowsTimes(const float* const* rows, std::uint32_t count, const float* packed,
                                     std::uint32_t lanes, std::uint32_t dim, float* scores)
{
    std::uint32_t r = 0;
    // Eight sums at a time hide the latency of the multiply-add.
    if constexpr (V < 3)
        for (; r + 8 <= count; r += 8)
            rowGroup<8, V>(rows + r, packed, lanes, dim, scores + std::size_t(r) * lanes);
    for (; r + 4 <= count; r += 4)
        rowGroup<4, V>(rows + r, packed, lanes, dim, scores + std::size_t(r) * lanes);
    for (; r + 2 <= count; r += 2)
        rowGroup<2, V>(rows + r, packed, lanes, dim, scores + std::size_t(r) * lanes);
    for (; r < count; ++r)
        rowGroup<1, V>(rows + r, packed, lanes, dim, scores + std::size_t(r) * lanes);
}

} // namespace

HEADWATER_FUSED_KERNEL
void scoreKeys(const float* keys, std::size_t stride, std::uint32_t count, const float* queries,
               std::uint32_t rows, std::uint32_t dim, float* scores)
{
    std::uint32_t key = 0;
    for (; key + 8 <= count; key += 8)
        for (std::uint32_t row = 0; row < rows; row += kLanes)
            scoreGroup<8>(keys + key * stride, stride, queries + row, rows, dim,
                          scores + std::size_t(key) * rows + row);
    for (; key + 4 <= count; key += 4)
        for (std::uint32_t row = 0; row < rows; row += kLanes)
            scoreGroup<4>(keys + key * stride, stride, queries + row, rows, dim,
                          scores + std::size_t(key) * rows + row);
    for (; key < count; ++key)
        for (std::uint32_t row = 0; row < rows; row += kLanes)
            scoreGroup<1>(keys + key * stride, stride, queries + row, rows, dim,
                          scores + std::size_t(key) * rows + row);
}

HEADWATER_FUSED_KERNEL
void addValues(const float* values, std::size_t stride, std::uint32_t count, const float* p,
               std::uint32_t rows, std::uint32_t dim, float* out)
{
    for (std::uint32_t row = 0; row < rows; row += kLanes) {
        std::uint32_t i = 0;
        for (; i + 16 <= dim; i += 16)
            addGroup<16>(values + i, stride, count, p + row, rows, out + std::size_t(i) * rows + row);
        for (; i < dim; ++i)
            addGroup<1>(values + i, stride, count, p + row, rows, out + std::size_t(i) * rows + row);
    }
}

HEADWATER_FUSED_KERNEL
void scoreRows(const float* const* rows, std::uint32_t count, const float* packed, std::uint32_t lanes,
               std::uint32_t dim, float* scores)
{
    std::uint32_t lane = 0;
    // Two wide passes rather than a wide and a narrow one: 80 lanes are 48 + 32.
    for (; lane + 6 * kLanes <= lanes || lane + 4 * kLanes == lanes; lane += 4 * kLanes)
        rowsTimes<4>(rows, count, packed + lane, lanes, dim, scores + lane);
    for (; lane + 3 * kLanes <= lanes; lane += 3 * kLanes)
        rowsTimes<3>(rows, count, packed + lane, lanes, dim, scores + lane);
    for (; lane + 2 * kLanes <= lanes; lane += 2 * kLanes)
        rowsTimes<2>(rows, count, packed + lane, lanes, dim, scores + lane);
    for (; lane < lanes; lane += kLanes)
        rowsTimes<1>(rows, count, packed + lane, lanes, dim, scores + lane);
}

} // namespace headwater
