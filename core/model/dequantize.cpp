// SPDX-License-Identifier: Apache-2.0
#include "core/model/dequantize.h"

#include "core/base/half.h"

#include <array>
#include <cstring>

namespace headwater {
namespace {

constexpr std::size_t kBlock = 32; // elements of a Q8_0, Q4_0 or Q4_1 block

float halfAt(const std::byte* bytes)
{
    std::uint16_t half;
    std::memcpy(&half, bytes, sizeof half);
    return floatFromHalf(half);
}

void fromF32(const std::byte* in, std::size_t count, float* out)
{
    std::memcpy(out, in, count * sizeof(float));
}

void fromF16(const std::byte* in, std::size_t count, float* out)
{
    floatsFromHalves({reinterpret_cast<const std::uint16_t*>(in), count}, {out, count});
}

void fromBf16(const std::byte* in, std::size_t count, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t bits;
        std::memcpy(&bits, in + 2 * i, sizeof bits);
        out[i] = floatFromBfloat16(bits);
    }
}

/// Block: half scale, 32 signed bytes; value = scale · byte.
void fromQ8_0(const std::byte* in, std::size_t count, float* out)
{
    for (std::size_t b = 0; b < count / kBlock; ++b, in += 2 + kBlock, out += kBlock) {
        const float scale = halfAt(in);
        const auto* quants = reinterpret_cast<const std::int8_t*>(in + 2);
        for (std::size_t i = 0; i < kBlock; ++i)
            out[i] = scale * static_cast<float>(quants[i]);
    }
}

/// Block: half scale, 16 bytes; byte i holds element i in its low and element i + 16 in its high four bits;
/// value = scale · (nibble − 8).
void fromQ4_0(const std::byte* in, std::size_t count, float* out)
{
    for (std::size_t b = 0; b < count / kBlock; ++b, in += 2 + kBlock / 2, out += kBlock) {
        const float scale = halfAt(in);
        const auto* quants = reinterpret_cast<const std::uint8_t*>(in + 2);
        for (std::size_t i = 0; i < kBlock / 2; ++i) {
            out[i] = scale * static_cast<float>((quants[i] & 0x0F) - 8);
            out[i + kBlock / 2] = scale * static_cast<float>((quants[i] >> 4) - 8);
        }
    }
}

/// Block: half scale, half minimum, 16 bytes of nibbles as in Q4_0; value = scale · nibble + minimum.
void fromQ4_1(const std::byte* in, std::size_t count, float* out)
{
    for (std::size_t b = 0; b < count / kBlock; ++b, in += 4 + kBlock / 2, out += kBlock) {
        const float scale = halfAt(in);
        const float minimum = halfAt(in + 2);
        const auto* quants = reinterpret_cast<const std::uint8_t*>(in + 4);
        for (std::size_t i = 0; i < kBlock / 2; ++i) {
            out[i] = scale * static_cast<float>(quants[i] & 0x0F) + minimum;
            out[i + kBlock / 2] = scale * static_cast<float>(quants[i] >> 4) + minimum;
        }
    }
}

/// In the order of WeightType. A new type is a new enumerator, a new row here and its function above.
constexpr std::array kTraits = {
    WeightTypeTraits{WeightType::F32, "F32", 0, 1, 4, fromF32},
    WeightTypeTraits{WeightType::F16, "F16", 1, 1, 2, fromF16},
    WeightTypeTraits{WeightType::BF16, "BF16", 30, 1, 2, fromBf16},
    WeightTypeTraits{WeightType::Q8_0, "Q8_0", 8, 32, 34, fromQ8_0},
    WeightTypeTraits{WeightType::Q4_0, "Q4_0", 2, 32, 18, fromQ4_0},
    WeightTypeTraits{WeightType::Q4_1, "Q4_1", 3, 32, 20, fromQ4_1},
};

} // namespace

const WeightTypeTraits& traitsOf(WeightType type)
{
    return kTraits[static_cast<std::size_t>(type)];
}

std::span<const WeightTypeTraits> weightTypes()
{
    return kTraits;
}

std::uint64_t storedBytes(WeightType type, std::uint64_t elements)
{
    const WeightTypeTraits& traits = traitsOf(type);
    return elements / traits.blockElements * traits.blockBytes;
}

void dequantizeRow(const WeightMatrix& matrix, std::uint32_t row, std::span<float> out)
{
    const std::uint64_t rowBytes = storedBytes(matrix.type, matrix.cols);
    traitsOf(matrix.type).dequantize(matrix.data.data() + row * rowBytes, matrix.cols, out.data());
}

} // namespace headwater
