// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/decode_kernels.h"
#include "core/backend/cpu/decode_lanes.h"
#include "core/model/stored_blocks.h"
#include "core/model/weights.h"

#include <array>
#include <cstring>
#include <type_traits>

/// Products of stored rows with one vector: RowProduct of decode_kernels.h. Layouts: core/model/dequantize_*.
namespace headwater::HEADWATER_INSTRUCTIONS {

constexpr std::size_t kLanes = 16;

template <class Bits> inline Bits bitsAt(const std::uint8_t* at)
{
    Bits bits;
    std::memcpy(&bits, at, sizeof bits);
    return bits;
}

inline float scaleAt(const std::uint8_t* at)
{
    return fromHalf(bitsAt<std::uint16_t>(at));
}

/// A block's binary16 scale in all lanes.
inline Floats fillScale(const std::uint8_t* at)
{
    return fillHalf(bitsAt<std::uint16_t>(at));
}

inline Floats laneNumbers()
{
    constexpr float kNumbers[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return load(kNumbers);
}

/// Every type: how many elements and bytes a block has, and a visit of its elements, sixteen at a time in
/// their order, as `use(index, widened)`.
struct StoredF32 {
    static constexpr std::size_t kElements = 16, kBytes = 64;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        use(0, load(reinterpret_cast<const float*>(block)));
    }
};

struct StoredF16 {
    static constexpr std::size_t kElements = 16, kBytes = 32;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        use(0, fromHalves(reinterpret_cast<const std::uint16_t*>(block)));
    }
};

struct StoredBF16 {
    static constexpr std::size_t kElements = 16, kBytes = 32;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        use(0, fromBfloats(reinterpret_cast<const std::uint16_t*>(block)));
    }
};

struct StoredQ8_0 {
    static constexpr std::size_t kElements = 32, kBytes = 34;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const Floats scale = fillScale(block);
        use(0, multiply(scale, floats(signedBytes(block + 2))));
        use(1, multiply(scale, floats(signedBytes(block + 18))));
    }
};

/// 32 elements in nibbles: byte i holds element i low and element i + 16 high.
template <class Use>
inline void visitNibbles(const std::uint8_t* nibbles, Floats table, std::size_t first, Use use)
{
    const Ints both = bytes(nibbles);
    use(first, chosen(table, both));
    use(first + 1, chosen(table, shiftedRight(both, 4)));
}

struct StoredQ4_0 {
    static constexpr std::size_t kElements = 32, kBytes = 18;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const Floats table = multiply(fillScale(block), subtract(laneNumbers(), fill(8)));
        visitNibbles(block + 2, table, 0, use);
    }
};

struct StoredQ4_1 {
    static constexpr std::size_t kElements = 32, kBytes = 20;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        Floats scale;
        Floats minimum;
        fillHalves(bitsAt<std::uint32_t>(block), scale, minimum);
        const Floats table = add(multiply(scale, laneNumbers()), minimum);
        visitNibbles(block + 4, table, 0, use);
    }
};

/// Sixteen nibbles and their fifth bits, less 16 where `offset` is -16.
inline Floats fiveBits(Ints nibbles, std::uint16_t fifths, int offset)
{
    return floats(offset == 0 ? plusWhere(nibbles, fifths, 16)
                              : plusWhere(nibbles, static_cast<std::uint16_t>(~fifths), offset));
}

struct StoredQ5_0 {
    static constexpr std::size_t kElements = 32, kBytes = 22;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const Floats scale = fillScale(block);
        const auto fifths = bitsAt<std::uint32_t>(block + 2);
        const Ints both = bytes(block + 6);
        use(0, multiply(scale, fiveBits(masked(both, 0x0F), static_cast<std::uint16_t>(fifths), -16)));
        use(1,
            multiply(scale, fiveBits(shiftedRight(both, 4), static_cast<std::uint16_t>(fifths >> 16), -16)));
    }
};

struct StoredQ5_1 {
    static constexpr std::size_t kElements = 32, kBytes = 24;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        Floats scale;
        Floats minimum;
        fillHalves(bitsAt<std::uint32_t>(block), scale, minimum);
        const auto fifths = bitsAt<std::uint32_t>(block + 4);
        const Ints both = bytes(block + 8);
        use(0,
            add(multiply(scale, fiveBits(masked(both, 0x0F), static_cast<std::uint16_t>(fifths), 0)),
                minimum));
        use(1,
            add(multiply(scale, fiveBits(shiftedRight(both, 4), static_cast<std::uint16_t>(fifths >> 16), 0)),
                minimum));
    }
};

struct StoredIQ4_NL {
    static constexpr std::size_t kElements = 32, kBytes = 18;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        visitNibbles(block + 2, multiply(fillScale(block), load(stored::kNormalLevels)), 0, use);
    }
};

struct StoredMXFP4 {
    static constexpr std::size_t kElements = 32, kBytes = 17;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const Floats half = fill(stored::halfOfE8M0(block[0]));
        visitNibbles(block + 1, multiply(half, load(stored::kE2M1Doubled)), 0, use);
    }
};

struct StoredQ2_K {
    static constexpr std::size_t kElements = 256, kBytes = 84;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        constexpr float kPairs[kLanes] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
        const float ofScales = scaleAt(block + 80);
        const float ofMinima = scaleAt(block + 82);
        for (unsigned part = 0; part < 16; ++part) {
            const float scale = ofScales * static_cast<float>(block[part] & 0x0F);
            const float minimum = ofMinima * static_cast<float>(block[part] >> 4);
            // Sixteen entries by a pair of bits: what the bits above it are does not matter.
            const Floats table = subtract(multiply(fill(scale), load(kPairs)), fill(minimum));
            const Ints pairs = bytes(block + 16 + part / 8 * 32 + part % 2 * 16);
            use(part, chosen(table, shiftedRight(pairs, part / 2 % 4 * 2)));
        }
    }
};

struct StoredQ3_K {
    static constexpr std::size_t kElements = 256, kBytes = 110;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const std::uint8_t* const packed = block + 96;
        const float ofScales = scaleAt(block + 108);
        for (unsigned part = 0; part < 16; ++part) {
            const int low = packed[part % 8] >> part / 8 * 4 & 0x0F;
            const int high = packed[8 + part % 4] >> part / 4 * 2 & 3;
            const float scale = ofScales * static_cast<float>((low | high << 4) - 32);
            const Ints pairs = bytes(block + 32 + part / 8 * 32 + part % 2 * 16);
            const Ints thirds = bytes(block + part % 2 * 16);
            const Ints three = either(masked(shiftedRight(pairs, part / 2 % 4 * 2), 3),
                                      shiftedLeft(masked(shiftedRight(thirds, part / 2), 1), 2));
            use(part, multiply(fill(scale), floats(plus(three, -4))));
        }
    }
};

/// Eight scales and eight minima of Q4_K and Q5_K.
struct EightScales {
    float of[kLanes]; ///< scales, then minima

    explicit EightScales(const std::uint8_t* block)
    {
        std::uint8_t sixBits[kLanes];
        stored::unpackEightScales(block + 4, sixBits);
        float unit[kLanes];
        const float ofScales = scaleAt(block);
        const float ofMinima = scaleAt(block + 2);
        for (std::size_t i = 0; i < kLanes; ++i)
            unit[i] = i < 8 ? ofScales : ofMinima;
        store(of, multiply(load(unit), floats(bytes(sixBits))));
    }
};

struct StoredQ4_K {
    static constexpr std::size_t kElements = 256, kBytes = 144;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const EightScales scales(block);
        const auto tableOf = [&scales](std::size_t part) {
            return subtract(multiply(fill(scales.of[part]), laneNumbers()), fill(scales.of[8 + part]));
        };
        for (std::size_t pair = 0; pair < 4; ++pair) {
            const Floats lows = tableOf(2 * pair);
            const Floats highs = tableOf(2 * pair + 1);
            const Ints first = bytes(block + 16 + pair * 32);
            const Ints second = bytes(block + 32 + pair * 32);
            use(4 * pair, chosen(lows, first));
            use(4 * pair + 1, chosen(lows, second));
            use(4 * pair + 2, chosen(highs, shiftedRight(first, 4)));
            use(4 * pair + 3, chosen(highs, shiftedRight(second, 4)));
        }
    }
};

struct StoredQ5_K {
    static constexpr std::size_t kElements = 256, kBytes = 176;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const EightScales scales(block);
        const Ints fifths[2] = {bytes(block + 16), bytes(block + 32)};
        for (unsigned part = 0; part < 8; ++part) {
            const Floats scale = fill(scales.of[part]);
            const Floats minimum = fill(scales.of[8 + part]);
            for (unsigned half = 0; half < 2; ++half) {
                const Ints nibbles = bytes(block + 48 + part / 2 * 32 + half * 16);
                const Ints five = either(masked(shiftedRight(nibbles, part % 2 * 4), 0x0F),
                                         shiftedLeft(masked(shiftedRight(fifths[half], part), 1), 4));
                use(2 * part + half, subtract(multiply(scale, floats(five)), minimum));
            }
        }
    }
};

struct StoredQ6_K {
    static constexpr std::size_t kElements = 256, kBytes = 210;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        float scales[kLanes];
        store(scales, multiply(fillScale(block + 208), floats(signedBytes(block + 192))));
        for (unsigned part = 0; part < 16; ++part) {
            const unsigned half = part / 8;
            const unsigned quarter = part % 8 / 2;
            const Ints lows = bytes(block + half * 64 + part % 4 * 16);
            const Ints highs = bytes(block + 128 + half * 32 + part % 2 * 16);
            const Ints six = either(masked(shiftedRight(lows, quarter / 2 * 4), 0x0F),
                                    shiftedLeft(masked(shiftedRight(highs, quarter * 2), 3), 4));
            use(part, multiply(fill(scales[part]), floats(plus(six, -32))));
        }
    }
};

struct StoredIQ4_XS {
    static constexpr std::size_t kElements = 256, kBytes = 136;
    template <class Use> static void visit(const std::uint8_t* block, Use use)
    {
        const float ofScales = scaleAt(block);
        const unsigned highs = block[2] | static_cast<unsigned>(block[3]) << 8;
        for (unsigned part = 0; part < 8; ++part) {
            const unsigned low = block[4 + part / 2] >> part % 2 * 4 & 0x0F;
            const int six = static_cast<int>(low | (highs >> part * 2 & 3) << 4);
            const float scale = ofScales * static_cast<float>(six - 32);
            visitNibbles(block + 8 + part * 16, multiply(fill(scale), load(stored::kNormalLevels)), 2 * part,
                         use);
        }
    }
};

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

template <class Stored>
void multiplyStored(const std::byte* weights, std::size_t rows, std::size_t cols, const float* x, float* y)
{
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(weights);
    const std::size_t rowBytes = cols * Stored::kBytes / Stored::kElements;
    std::size_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        prefetchAhead(bytes + row * rowBytes, 4 * rowBytes);
        multiplyRows<Stored, 4>(bytes + row * rowBytes, cols, x, y + row);
    }
    for (; row < rows; ++row)
        multiplyRows<Stored, 1>(bytes + row * rowBytes, cols, x, y + row);
}

/// In the order of WeightType.
constexpr std::array<RowProduct, kNumWeightTypes> kRowProducts = {
    multiplyStored<StoredF32>,   multiplyStored<StoredF16>,    multiplyStored<StoredBF16>,
    multiplyStored<StoredQ8_0>,  multiplyStored<StoredQ4_0>,   multiplyStored<StoredQ4_1>,
    multiplyStored<StoredQ5_0>,  multiplyStored<StoredQ5_1>,   multiplyStored<StoredQ2_K>,
    multiplyStored<StoredQ3_K>,  multiplyStored<StoredQ4_K>,   multiplyStored<StoredQ5_K>,
    multiplyStored<StoredQ6_K>,  multiplyStored<StoredIQ4_NL>, multiplyStored<StoredIQ4_XS>,
    multiplyStored<StoredMXFP4>,
};

} // namespace headwater::HEADWATER_INSTRUCTIONS
