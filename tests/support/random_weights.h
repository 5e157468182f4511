// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"
#include "core/model/dequantize.h"

#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

namespace headwater::test {

/// Where a block's binary16 numbers stand.
inline std::vector<std::size_t> halvesOf(WeightType type)
{
    switch (type) {
    case WeightType::Q4_1:
    case WeightType::Q5_1:
    case WeightType::Q4_K:
    case WeightType::Q5_K:
        return {0, 2};
    case WeightType::Q2_K:
        return {80, 82};
    case WeightType::Q3_K:
        return {108};
    case WeightType::Q6_K:
        return {208};
    case WeightType::MXFP4: // a byte of exponent
        return {};
    default:
        return {0};
    }
}

/// Random blocks whose values are about 0.05, and random floats in the types that have no blocks.
inline std::vector<std::byte> randomBlocks(WeightType type, std::uint64_t elements, std::mt19937& random)
{
    const WeightTypeTraits& traits = traitsOf(type);
    std::vector<std::byte> blocks(storedBytes(type, elements));
    for (std::byte& byte : blocks)
        byte = static_cast<std::byte>(random());
    // The quants of Q6_K go up to 32 · 128, of the others of 256 elements to 32 · 63, of the rest to 128.
    const float largest = type == WeightType::Q6_K ? 4096 : traits.blockElements == 256 ? 2048 : 128;
    const auto number = [&] {
        const float sign = random() % 2 == 0 ? 1.0f : -1.0f;
        return sign * (0.05f + 0.05f * float(random() % 8)) / (traits.blockElements == 1 ? 1 : largest);
    };
    for (std::size_t block = 0; block < blocks.size(); block += traits.blockBytes) {
        if (type == WeightType::F32 || type == WeightType::BF16) {
            const float value = number();
            std::byte bytes[sizeof value];
            std::memcpy(bytes, &value, sizeof value);
            std::memcpy(blocks.data() + block, bytes + sizeof value - traits.blockBytes, traits.blockBytes);
        } else if (type == WeightType::MXFP4) {
            blocks[block] = static_cast<std::byte>(120 + random() % 4);
        }
        for (const std::size_t at : halvesOf(type)) {
            if (type == WeightType::F32 || type == WeightType::BF16)
                continue;
            const std::uint16_t half = halfFromFloat(number());
            std::memcpy(blocks.data() + block + at, &half, sizeof half);
        }
    }
    return blocks;
}

inline std::vector<float> randomFloats(std::size_t count, std::mt19937& random)
{
    std::normal_distribution<float> normal;
    std::vector<float> floats(count);
    for (float& value : floats)
        value = normal(random);
    return floats;
}

} // namespace headwater::test
