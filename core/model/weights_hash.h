// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace headwater {

/// How much of a model's weights is hashed.
inline constexpr std::uint64_t kHashedWeightBytes = std::uint64_t{64} << 20;

/// SHA-256 of the parts, one after the other; of more than kHashedWeightBytes of 1 024 pieces of 64 KiB, one
/// at a seeded place in every thousandth of them. Two models of one header, as two trainings of one shape
/// are, differ in every tensor: that is seen; one changed tensor of a large model need not be. Cost: reads
/// what it hashes.
std::string weightsSha256(std::span<const std::span<const std::byte>> parts);

} // namespace headwater
