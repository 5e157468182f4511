// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/decode_kernels.h"

#include <vector>

namespace headwater {

bool readsDigits(WeightType type)
{
    switch (type) {
    case WeightType::Q4_0:
    case WeightType::Q4_1:
    case WeightType::Q5_0:
    case WeightType::Q5_1:
    case WeightType::Q4_K:
    case WeightType::Q5_K:
    case WeightType::Q6_K:
        return true;
    default:
        return false;
    }
}

std::span<const DecodeKernels* const> allDecodeKernels()
{
    static const std::vector<const DecodeKernels*> all = [] {
        std::vector<const DecodeKernels*> found;
        const bool hasAvx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0
            && __builtin_cpu_supports("f16c") != 0;
        const bool hasAvx512 =
            hasAvx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
        if (hasAvx512 && __builtin_cpu_supports("avx512vnni") != 0)
            found.push_back(&avx512vnni::kDecodeKernels);
        if (hasAvx512)
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
