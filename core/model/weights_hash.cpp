// SPDX-License-Identifier: Apache-2.0
#include "core/model/weights_hash.h"

#include "core/base/hash.h"
#include "core/base/seeded_random.h"

#include <algorithm>

namespace headwater {
namespace {

constexpr std::uint64_t kPieces = 1024;
constexpr std::uint64_t kPieceBytes = kHashedWeightBytes / kPieces;

/// Bytes [begin, end) of the parts taken as one.
void add(std::span<const std::span<const std::byte>> parts, std::uint64_t begin, std::uint64_t end,
         Sha256& hash)
{
    std::uint64_t at = 0;
    for (const std::span<const std::byte> part : parts) {
        const std::uint64_t first = std::max(begin, at);
        const std::uint64_t last = std::min(end, at + part.size());
        if (first < last)
            hash.add(part.subspan(first - at, last - first));
        at += part.size();
        if (at >= end)
            return;
    }
}

} // namespace

std::string weightsSha256(std::span<const std::span<const std::byte>> parts)
{
    std::uint64_t total = 0;
    for (const std::span<const std::byte> part : parts)
        total += part.size();
    Sha256 hash;
    if (total <= kHashedWeightBytes) {
        add(parts, 0, total, hash);
        return hash.hex();
    }
    const std::uint64_t stride = total / kPieces;
    for (std::uint64_t i = 0; i < kPieces; ++i) {
        const std::uint64_t place = splitMix((i + 1) * kSplitMixStep);
        const std::uint64_t begin = i * stride + place % (stride - kPieceBytes + 1);
        add(parts, begin, begin + kPieceBytes, hash);
    }
    return hash.hex();
}

} // namespace headwater
