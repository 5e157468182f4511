// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

namespace headwater {

/// Whether a key is among a head's marked sinks, which ascend.
inline bool isMarked(std::span<const std::uint32_t> sinks, std::uint32_t key)
{
    return std::binary_search(sinks.begin(), sinks.end(), key);
}

} // namespace headwater
