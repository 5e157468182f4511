// SPDX-License-Identifier: Apache-2.0
#include "core/select/split_slots.h"

#include <bit>
#include <immintrin.h>

namespace headwater {
namespace {

/// Without branches: which slot is taken cannot be foretold.
SlotCounts splitOneByOne(const float* scores, std::uint32_t numSlots, float low, float sure,
                         std::uint32_t* sureSlots, std::uint32_t* candidates)
{
    SlotCounts found;
    for (std::uint32_t slot = 0; slot < numSlots; ++slot) {
        const bool isSure = scores[slot] >= sure;
        const bool isCandidate = (scores[slot] >= low) & !isSure;
        sureSlots[found.sure] = slot;
        candidates[found.candidates] = slot;
        found.sure += isSure;
        found.candidates += isCandidate;
    }
    return found;
}

/// Sixteen slots a step: their numbers are packed in a register, and stored whole (a packing store is slow).
__attribute__((target("avx512f"))) SlotCounts splitByVectors(const float* scores, std::uint32_t numSlots,
                                                             float low, float sure, std::uint32_t* sureSlots,
                                                             std::uint32_t* candidates)
{
    SlotCounts found;
    const __m512 lowest = _mm512_set1_ps(low);
    const __m512 surest = _mm512_set1_ps(sure);
    const __m512i step = _mm512_set1_epi32(16);
    __m512i slots = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    for (std::uint32_t slot = 0; slot < numSlots; slot += 16) {
        const __m512 score = _mm512_loadu_ps(scores + slot);
        const __mmask16 isSure = _mm512_cmp_ps_mask(score, surest, _CMP_GE_OQ);
        const __mmask16 reachesLow = _mm512_cmp_ps_mask(score, lowest, _CMP_GE_OQ);
        const auto isCandidate = static_cast<__mmask16>(reachesLow & ~isSure);
        _mm512_storeu_si512(sureSlots + found.sure, _mm512_maskz_compress_epi32(isSure, slots));
        _mm512_storeu_si512(candidates + found.candidates, _mm512_maskz_compress_epi32(isCandidate, slots));
        found.sure += static_cast<std::uint32_t>(std::popcount(isSure));
        found.candidates += static_cast<std::uint32_t>(std::popcount(isCandidate));
        slots = _mm512_add_epi32(slots, step);
    }
    return found;
}

} // namespace

SlotCounts splitSlots(const float* scores, std::uint32_t numSlots, float low, float sure,
                      std::uint32_t* sureSlots, std::uint32_t* candidates)
{
    static const bool hasVectors = __builtin_cpu_supports("avx512f") != 0;
    const auto split = hasVectors ? splitByVectors : splitOneByOne;
    return split(scores, numSlots, low, sure, sureSlots, candidates);
}

} // namespace headwater
