// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace headwater {

/// Small matrix products with the query rows in the lanes, for a few keys at a time, read where they lie:
/// gathering them for a library's GEMM costs as much as the product. They use fused multiply-add where the
/// machine has it, so, like a library's, their last bits depend on the instruction set; on one machine they
/// depend on the shapes alone. `rows` is a multiple of 16 and the line length of every lane array.

/// scores[key * rows + row] = sum over i of keys[key, i] * queries[i * rows + row].
/// Shape: keys [count, dim] with its stride; queries [dim, rows]. Cost: 2 · count · rows · dim FLOP.
void scoreKeys(const float* keys, std::size_t stride, std::uint32_t count, const float* queries,
               std::uint32_t rows, std::uint32_t dim, float* scores);

/// out[i * rows + row] += sum over keys of values[key, i] * p[key * rows + row].
/// Shape: values [count, dim] with its stride; p [count, rows]; out [dim, rows].
void addValues(const float* values, std::size_t stride, std::uint32_t count, const float* p,
               std::uint32_t rows, std::uint32_t dim, float* out);

/// scores[r * lanes + lane] = sum over i of queries[r][i] * packed[i * lanes + lane], for the rows listed.
/// Shape: rows [count] pointers to dim floats each; packed [dim, lanes], lanes a multiple of 16; scores
/// [count, lanes].
void scoreRows(const float* const* rows, std::uint32_t count, const float* packed, std::uint32_t lanes,
               std::uint32_t dim, float* scores);

/// Asks for memory that is needed next: at length, a tile touches more packed keys than any cache holds.
inline void prefetch(const float* from, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += 16)
        __builtin_prefetch(from + i, 0, 2);
}

} // namespace headwater
