// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace headwater {

/// C = A · B or A · Bᵀ in float32, row-major, on the calling thread alone.
/// Shape: A [rows, inner] with row stride lda; B [inner, cols] (NN) or [cols, inner] (NT) with row stride
/// ldb; C [rows, cols] with row stride ldc. With `accumulate`, C += instead of C =. Results depend on the
/// shapes only, never on the thread or on what else runs: callers that need equal bytes keep their row tiles
/// aligned to the absolute row index (docs/adr/0001-gemm-library.md). Throws std::bad_alloc when the library
/// finds no memory for its packing buffers.
enum class GemmRight { Plain, Transposed };
void gemm(GemmRight right, std::size_t rows, std::size_t cols, std::size_t inner, const float* a,
          std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
          bool accumulate = false);

/// C = Aᵀ · B (+ C with `accumulate`). Shape: A [inner, rows] with row stride lda, B [inner, cols]; the rest
/// as above.
void gemmLeftTransposed(std::size_t rows, std::size_t cols, std::size_t inner, const float* a,
                        std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                        bool accumulate = false);

/// Has the library make the kernels of every kind of product now. Where it makes them when little memory is
/// left it crashes (oneDNN 2.6): whoever will fill the memory calls this before. Cost: some milliseconds,
/// once.
void prepareGemm();

/// The library behind gemm() and the instruction set it uses, for `--json` and bench output: "oneDNN 2.6.3
/// avx512_core".
const char* gemmLibrary();

} // namespace headwater
