// SPDX-License-Identifier: Apache-2.0
#include "core/model/dequantize.h"

#include "core/base/half.h"
#include "core/model/stored_blocks.h"

#include <array>
#include <cstring>

namespace headwater {
namespace {

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

/// In the order of WeightType. A new type is a new enumerator, a new row here and its function.
constexpr std::array kTraits = {
    WeightTypeTraits{WeightType::F32, "F32", 0, 1, 4, fromF32},
    WeightTypeTraits{WeightType::F16, "F16", 1, 1, 2, fromF16},
    WeightTypeTraits{WeightType::BF16, "BF16", 30, 1, 2, fromBf16},
    WeightTypeTraits{WeightType::Q8_0, "Q8_0", 8, 32, 34, stored::fromQ8_0},
    WeightTypeTraits{WeightType::Q4_0, "Q4_0", 2, 32, 18, stored::fromQ4_0},
    WeightTypeTraits{WeightType::Q4_1, "Q4_1", 3, 32, 20, stored::fromQ4_1},
    WeightTypeTraits{WeightType::Q5_0, "Q5_0", 6, 32, 22, stored::fromQ5_0},
    WeightTypeTraits{WeightType::Q5_1, "Q5_1", 7, 32, 24, stored::fromQ5_1},
    WeightTypeTraits{WeightType::Q2_K, "Q2_K", 10, 256, 84, stored::fromQ2_K},
    WeightTypeTraits{WeightType::Q3_K, "Q3_K", 11, 256, 110, stored::fromQ3_K},
    WeightTypeTraits{WeightType::Q4_K, "Q4_K", 12, 256, 144, stored::fromQ4_K},
    WeightTypeTraits{WeightType::Q5_K, "Q5_K", 13, 256, 176, stored::fromQ5_K},
    WeightTypeTraits{WeightType::Q6_K, "Q6_K", 14, 256, 210, stored::fromQ6_K},
    WeightTypeTraits{WeightType::IQ4_NL, "IQ4_NL", 20, 32, 18, stored::fromIQ4_NL},
    WeightTypeTraits{WeightType::IQ4_XS, "IQ4_XS", 23, 256, 136, stored::fromIQ4_XS},
    WeightTypeTraits{WeightType::MXFP4, "MXFP4", 39, 32, 17, stored::fromMXFP4},
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

void dequantizeRows(const WeightMatrix& matrix, std::uint32_t first, std::uint32_t count, float* out)
{
    for (std::uint32_t row = 0; row < count; ++row)
        dequantizeRow(matrix, first + row, {out + std::size_t{row} * matrix.cols, matrix.cols});
}

WeightMatrix rowsOf(const WeightMatrix& matrix, std::uint32_t first, std::uint32_t count)
{
    const std::uint64_t rowBytes = storedBytes(matrix.type, matrix.cols);
    return {matrix.type, count, matrix.cols, matrix.data.subspan(first * rowBytes, count * rowBytes)};
}

} // namespace headwater
