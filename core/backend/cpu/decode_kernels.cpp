// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/decode_kernels.h"

#include <vector>

namespace headwater {

std::span<const DecodeKernels* const> allDecodeKernels()
{
    static const std::vector<const DecodeKernels*> all = [] {
        std::vector<const DecodeKernels*> found;
        const bool hasAvx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0
            && __builtin_cpu_supports("f16c") != 0;
        if (hasAvx2 && __builtin_cpu_supports("avx512f") != 0)
            found.push_back(&avx512::kDecodeKernels);
        if (hasAvx2)
            found.push_back(&avx2::kDecodeKernels);
        found.push_back(&baseline::kDecodeKernels);
        return found;
    }();
    return all;
}

const DecodeKernels& decodeKernels()
{
    static const DecodeKernels& widest = *allDecodeKernels().front();
    return widest;
}

} // namespace headwater
