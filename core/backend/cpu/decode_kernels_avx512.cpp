// SPDX-License-Identifier: Apache-2.0
// Compiled for its instruction set: CMakeLists.txt.
#include "core/backend/cpu/attention_kernels.h"
#include "core/backend/cpu/decode_kernels.h"
#include "core/backend/cpu/stored_products.h"

namespace headwater::avx512 {

const DecodeKernels kDecodeKernels = {"avx512",
                                      kRowProducts,
                                      makeDigits,
                                      scoreKeys<float>,
                                      scoreKeys<std::uint16_t>,
                                      addValues<float>,
                                      addValues<std::uint16_t>};

} // namespace headwater::avx512
