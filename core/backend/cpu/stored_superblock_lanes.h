// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/stored_block_lanes.h"

/// Stored weights of superblocks as lanes. Layouts: core/model/dequantize_superblocks.cpp.
namespace headwater::HEADWATER_INSTRUCTIONS {

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

} // namespace headwater::HEADWATER_INSTRUCTIONS
