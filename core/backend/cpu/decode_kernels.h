// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/weights.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace headwater {

/// What decoding is made of, for one instruction set: products of a single row, which read every stored byte
/// once and in place and widen it in registers. Sums run over sixteen lanes of float32 in an order that the
/// lengths alone give, so the bits depend on the instruction set and on nothing else.

inline constexpr std::size_t kNumWeightTypes = static_cast<std::size_t>(WeightType::MXFP4) + 1;

/// y[r] = sum over i of weights[r, i] · x[i]; every weight is the float32 that dequantizeRow gives. Shape:
/// weights [rows] rows of cols stored elements, one after the other; x [cols]; y [rows].
using RowProduct = void (*)(const std::byte* weights, std::size_t rows, std::size_t cols, const float* x,
                            float* y);

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
    KeyScores<float> scoresOfFloats;
    KeyScores<std::uint16_t> scoresOfHalves; ///< binary16
    ValueSums<float> sumsOfFloats;
    ValueSums<std::uint16_t> sumsOfHalves;
};

/// The widest that this processor has.
const DecodeKernels& decodeKernels();

/// All that it has, the widest first.
std::span<const DecodeKernels* const> allDecodeKernels();

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
