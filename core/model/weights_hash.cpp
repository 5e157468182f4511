// SPDX-License-Identifier: Apache-2.0
#include "core/model/weights_hash.h"

#include "core/base/hash.h"

#include <algorithm>
#include <vector>

namespace headwater {
namespace {

constexpr std::uint64_t kPieces = 1024;
constexpr std::uint64_t kPieceBytes = kHashedWeightBytes / kPieces;

/// SplitMix64: the i-th of a fixed sequence.
std::uint64_t seeded(std::uint64_t i)
{
    std::uint64_t z = (i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// Appends bytes [begin, end) of the parts taken as one.
void append(std::span<const std::span<const std::byte>> parts, std::uint64_t begin, std::uint64_t end,
            std::vector<std::byte>& out)
{
    std::uint64_t at = 0;
    for (const std::span<const std::byte> part : parts) {
        const std::uint64_t first = std::max(begin, at);
        const std::uint64_t last = std::min(end, at + part.size());
        if (first < last) {
            const auto piece = part.subspan(first - at, last - first);
            out.insert(out.end(), piece.begin(), piece.end());
        }
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
    std::vector<std::byte> bytes;
    bytes.reserve(std::min(total, kHashedWeightBytes));
    if (total <= kHashedWeightBytes) {
        append(parts, 0, total, bytes);
        return sha256(bytes);
    }
    const std::uint64_t stride = total / kPieces;
    for (std::uint64_t i = 0; i < kPieces; ++i) {
        const std::uint64_t begin = i * stride + seeded(i) % (stride - kPieceBytes + 1);
        append(parts, begin, begin + kPieceBytes, bytes);
    }
    return sha256(bytes);
}

} // namespace headwater
