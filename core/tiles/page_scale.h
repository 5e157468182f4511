// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace headwater {

/// A colour map as a white page wants it: "nothing" is the page, much is dark. Reversed as published, magma
/// ends in a pale yellow that is louder than anything it lies under.
///
/// From a map's table (0xRRGGBB, dark to light, of rising lightness) one that runs from white, #ffffff, to
/// the map's dark end in even steps of CIELAB lightness. The lightest quarter is a straight line in CIELAB
/// from white to the map's own colour of lightness 75; below that it is the map. Shape: [256], light to dark.
/// Cost: 256 searches of the table.
std::array<std::uint32_t, 256> pageScale(std::span<const std::uint32_t, 256> darkToLight);

/// CIELAB of an sRGB colour 0xRRGGBB (D65 white).
struct Lab {
    double lightness = 0; ///< 0 black, 100 white
    double a = 0;
    double b = 0;
};
Lab labOf(std::uint32_t colour);
/// The nearest sRGB colour.
std::uint32_t colourOf(const Lab& lab);

} // namespace headwater
