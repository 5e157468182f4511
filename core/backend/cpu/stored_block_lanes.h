// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/decode_lanes.h"
#include "core/model/stored_blocks.h"

#include <cstring>

/// Stored weights as lanes, without blocks and in blocks of 32. Layouts: core/model/dequantize_blocks.cpp.
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

} // namespace headwater::HEADWATER_INSTRUCTIONS
