// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/digits.h"
#include "core/model/weights.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace headwater {

/// What decoding is made of, for one instruction set: products of a single row, which read every stored byte
/// once and in place. Types of small integers multiply bytes with the row's digits (digits.h) and have the
/// bits of one order of float32 sums over blocks; the others widen in registers, with sums over sixteen lanes
/// of float32. Both orders follow from the lengths alone, so the bits depend on the instruction set and on
/// nothing else.

/// Whether a type's products read a row's digits instead of the row.
bool readsDigits(WeightType type);

/// A row as products read it.
struct ProductRow {
    const float* x; ///< [cols]
    const Digits* digits; ///< of x; not read where !readsDigits(type)
};

/// y[r] = sum over i of weights[r, i] · x[i]; every weight is the float32 that dequantizeRow gives. Shape:
/// weights [rows] rows of cols stored elements, one after the other; y [rows].
using RowProduct = void (*)(const std::byte* weights, std::size_t rows, std::size_t cols, ProductRow x,
                            float* y);

/// A row's digits. Shape: x [cols], cols a multiple of Digits::kBlock.
using MakeDigits = void (*)(const float* x, std::size_t cols, Digits& digits);

/// The query heads that share a KV head, with rows of keys or values that lie `stride` elements apart.
struct SharedHeads {
    std::size_t heads;
    std::size_t dim;
    std::size_t stride;
};

/// scores[head · line + key] = query · key. Shape: queries [heads, dim], keys [count, dim].
template <class Element>
using KeyScores = void (*)(const SharedHeads& shared, const float* queries, const Element* keys,
                           std::size_t count, float* scores, std::size_t line);

/// out[head] += sum over keys of p[head · line + key] · value. Shape: values [count, dim], out [heads, dim].
template <class Element>
using ValueSums = void (*)(const SharedHeads& shared, const float* p, std::size_t line, const Element* values,
                           std::size_t count, float* out);

struct DecodeKernels {
    const char* name;
    std::array<RowProduct, kNumWeightTypes> products; ///< by WeightType
    MakeDigits makeDigits;
    KeyScores<float> scoresOfFloats;
    KeyScores<std::uint16_t> scoresOfHalves; ///< binary16
    ValueSums<float> sumsOfFloats;
    ValueSums<std::uint16_t> sumsOfHalves;
};

/// The widest that this processor has.
const DecodeKernels& decodeKernels();

/// All that it has, the widest first.
std::span<const DecodeKernels* const> allDecodeKernels();

namespace avx512vnni {
extern const DecodeKernels kDecodeKernels;
}
namespace avx512 {
extern const DecodeKernels kDecodeKernels;
}
namespace avx2 {
extern const DecodeKernels kDecodeKernels;
}
namespace baseline {
extern const DecodeKernels kDecodeKernels;
}

} // namespace headwater
