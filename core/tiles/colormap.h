// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace headwater {

enum class Colormap { Magma, Viridis, Cividis, Greys };

/// sRGB bytes.
struct Rgb {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    bool operator==(const Rgb&) const = default;
};

/// The published table as 0xRRGGBB, dark to light. Shape: [256].
std::span<const std::uint32_t, 256> tableOf(Colormap map);

/// The nearest entry to a place on the scale. `unit`: 0 is the low end, 1 the high end; clamped. `isReversed`:
/// from light to dark, as a white page wants it: the low end is the page (core/tiles/page_scale.h).
Rgb colourAt(Colormap map, double unit, bool isReversed);

/// "magma", "viridis", "cividis", "greys".
const char* nameOf(Colormap map);
std::optional<Colormap> colormapNamed(std::string_view name);

} // namespace headwater
