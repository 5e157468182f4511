// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/decode_kernels.h"
#include "core/backend/cpu/integer_products.h"
#include "core/backend/cpu/stored_superblock_lanes.h"

#include <array>
#include <cstring>
#include <type_traits>

/// Products of stored rows with one vector: RowProduct of decode_kernels.h.
namespace headwater::HEADWATER_INSTRUCTIONS {

/// Sums of a row: as many as hide the latency of the multiply-add.
constexpr std::size_t kSums = 4;

/// N rows at once, which read x once.
template <class Stored, std::size_t N>
inline void multiplyRows(const std::uint8_t* rows, std::size_t cols, const float* x, float* y)
{
    constexpr std::size_t kVectors = Stored::kElements / kLanes; // of a block
    constexpr std::size_t kStep = kVectors < kSums ? kSums / kVectors : 1; // blocks that fill the sums
    const std::size_t blocks = cols / Stored::kElements;
    const std::size_t tail = cols % Stored::kElements; // of a type without blocks
    const std::size_t rowBytes = blocks * Stored::kBytes + tail * (Stored::kBytes / Stored::kElements);
    Floats sums[N][kSums];
    for (auto& row : sums)
        for (Floats& sum : row)
            sum = zero();
    const auto addBlock = [&](std::size_t block, std::size_t first) {
#pragma GCC unroll 4
        for (std::size_t n = 0; n < N; ++n)
            Stored::visit(rows + n * rowBytes + block * Stored::kBytes, [&](std::size_t i, Floats widened) {
                Floats& sum = sums[n][(first + i) % kSums];
                sum = multiplyAdd(widened, load(x + block * Stored::kElements + i * kLanes), sum);
            });
    };
    std::size_t block = 0;
    for (; block + kStep <= blocks; block += kStep)
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kStep; ++i)
            addBlock(block + i, i * kVectors);
    for (; block < blocks; ++block)
        addBlock(block, 0);
    if (tail > 0) {
        float ofX[kLanes] = {};
        std::memcpy(ofX, x + blocks * Stored::kElements, tail * sizeof(float));
        for (std::size_t n = 0; n < N; ++n) {
            alignas(float) std::uint8_t padded[Stored::kBytes] = {};
            const std::size_t before = blocks * Stored::kBytes;
            std::memcpy(padded, rows + n * rowBytes + before, rowBytes - before);
            Stored::visit(padded, [&](std::size_t, Floats widened) {
                sums[n][0] = multiplyAdd(widened, load(ofX), sums[n][0]);
            });
        }
    }
    for (std::size_t n = 0; n < N; ++n)
        y[n] = sumOf(add(add(sums[n][0], sums[n][1]), add(sums[n][2], sums[n][3])));
}

/// Asks for what comes some kilobytes behind these bytes: processors see no single stream in rows that are
/// read side by side.
inline void prefetchAhead(const std::uint8_t* bytes, std::size_t count)
{
    constexpr std::size_t kAhead = 8192;
    for (std::size_t i = 0; i < count; i += 64)
        __builtin_prefetch(bytes + kAhead + i);
}

/// All rows, four at a time: `multiply(rows, number, y)` does four or one.
template <class Multiply>
inline void forRowsByFour(const std::byte* weights, std::size_t rows, std::size_t rowBytes, float* y,
                          Multiply multiply)
{
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(weights);
    std::size_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        prefetchAhead(bytes + row * rowBytes, 4 * rowBytes);
        multiply(std::integral_constant<std::size_t, 4>(), bytes + row * rowBytes, y + row);
    }
    for (; row < rows; ++row)
        multiply(std::integral_constant<std::size_t, 1>(), bytes + row * rowBytes, y + row);
}

template <class Stored>
void multiplyStored(const std::byte* weights, std::size_t rows, std::size_t cols, ProductRow x, float* y)
{
    forRowsByFour(weights, rows, cols * Stored::kBytes / Stored::kElements, y,
                  [&](auto count, const std::uint8_t* from, float* to) {
                      multiplyRows<Stored, count>(from, cols, x.x, to);
                  });
}

template <class Stored>
void multiplyIntegers(const std::byte* weights, std::size_t rows, std::size_t cols, ProductRow x, float* y)
{
    forRowsByFour(weights, rows, cols / Stored::kElements * Stored::kBytes, y,
                  [&](auto count, const std::uint8_t* from, float* to) {
                      if constexpr (Stored::kElements == Digits::kBlock)
                          multiplyBlocks<Stored, count>(from, cols, *x.digits, to);
                      else
                          multiplySuperblocks<Stored, count>(from, cols, *x.digits, to);
                  });
}

/// In the order of WeightType.
constexpr std::array<RowProduct, kNumWeightTypes> kRowProducts = {
    multiplyStored<StoredF32>,      multiplyStored<StoredF16>,      multiplyStored<StoredBF16>,
    multiplyStored<StoredQ8_0>,     multiplyIntegers<IntegersQ4_0>, multiplyIntegers<IntegersQ4_1>,
    multiplyIntegers<IntegersQ5_0>, multiplyIntegers<IntegersQ5_1>, multiplyStored<StoredQ2_K>,
    multiplyStored<StoredQ3_K>,     multiplyIntegers<IntegersQ4_K>, multiplyIntegers<IntegersQ5_K>,
    multiplyIntegers<IntegersQ6_K>, multiplyStored<StoredIQ4_NL>,   multiplyStored<StoredIQ4_XS>,
    multiplyStored<StoredMXFP4>,
};

} // namespace headwater::HEADWATER_INSTRUCTIONS
