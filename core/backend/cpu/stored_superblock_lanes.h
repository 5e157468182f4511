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
