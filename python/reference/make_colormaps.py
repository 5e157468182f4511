# SPDX-License-Identifier: Apache-2.0
"""Writes core/tiles/colormap_tables.h: the 256 sRGB bytes of magma, viridis and cividis as matplotlib publishes them
(_cm_listed.py, dedicated to the public domain under CC0). Usage: make_colormaps.py > core/tiles/colormap_tables.h"""
import matplotlib

print("""// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

/// Colour maps as 256 packed 0xRRGGBB entries, written by python/reference/make_colormaps.py.
/// Source: matplotlib's _cm_listed.py (CC0); magma and viridis by N. Smith and S. van der Walt, cividis by J. Nunez,
/// C. Anderton and R. Renslow (doi 10.1371/journal.pone.0199239).
namespace headwater {
// clang-format off""")
for name in ("magma", "viridis", "cividis"):
    colors = matplotlib.colormaps[name].colors
    packed = [sum(round(c * 255) << s for c, s in zip(rgb, (16, 8, 0))) for rgb in colors]
    assert len(packed) == 256
    print(f"\ninline constexpr std::array<std::uint32_t, 256> k{name.capitalize()}Table{{")
    for i in range(0, 256, 10):
        print("    " + " ".join(f"0x{p:06X}," for p in packed[i:i + 10]))
    print("};")
print("""
// clang-format on
} // namespace headwater""")
