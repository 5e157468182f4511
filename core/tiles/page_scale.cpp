// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/page_scale.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

/// Of D65, the white of sRGB (IEC 61966-2-1).
constexpr double kWhiteX = 0.95047;
constexpr double kWhiteZ = 1.08883;
constexpr double kLinearBelow = 6.0 / 29; ///< CIELAB's cube root is a line below its cube

/// Where the map's own colours begin. Lighter ones of viridis, cividis and magma are yellow.
constexpr double kFirstOwnLightness = 75;

double linearOf(std::uint32_t byte)
{
    const double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

std::uint32_t byteOf(double linear)
{
    const double light = std::clamp(linear, 0.0, 1.0);
    const double value = light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
    return static_cast<std::uint32_t>(std::lround(value * 255));
}

double labCurve(double share)
{
    constexpr double d = kLinearBelow;
    return share > d * d * d ? std::cbrt(share) : share / (3 * d * d) + 4.0 / 29;
}

double labCurveInverse(double value)
{
    constexpr double d = kLinearBelow;
    return value > d ? value * value * value : 3 * d * d * (value - 4.0 / 29);
}

Lab between(const Lab& from, const Lab& to, double share)
{
    return {std::lerp(from.lightness, to.lightness, share), std::lerp(from.a, to.a, share),
            std::lerp(from.b, to.b, share)};
}

/// The map's colour of a lightness, between its two nearest entries; its ends beyond them.
Lab ofLightness(std::span<const Lab, 256> map, double lightness)
{
    const auto above =
        std::lower_bound(map.begin(), map.end(), lightness,
                         [](const Lab& entry, double asked) { return entry.lightness < asked; });
    if (above == map.begin())
        return map.front();
    if (above == map.end())
        return map.back();
    const Lab& below = *(above - 1);
    const double step = above->lightness - below.lightness;
    return between(below, *above, step > 0 ? (lightness - below.lightness) / step : 0);
}

} // namespace

Lab labOf(std::uint32_t colour)
{
    const double red = linearOf(colour >> 16 & 0xFF);
    const double green = linearOf(colour >> 8 & 0xFF);
    const double blue = linearOf(colour & 0xFF);
    const double x = labCurve((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / kWhiteX);
    const double y = labCurve(0.2126729 * red + 0.7151522 * green + 0.0721750 * blue);
    const double z = labCurve((0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / kWhiteZ);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

std::uint32_t colourOf(const Lab& lab)
{
    const double y = (lab.lightness + 16) / 116;
    const double x = kWhiteX * labCurveInverse(y + lab.a / 500);
    const double z = kWhiteZ * labCurveInverse(y - lab.b / 200);
    const double luminance = labCurveInverse(y);
    const std::uint32_t red = byteOf(3.2404542 * x - 1.5371385 * luminance - 0.4985314 * z);
    const std::uint32_t green = byteOf(-0.9692660 * x + 1.8760108 * luminance + 0.0415560 * z);
    const std::uint32_t blue = byteOf(0.0556434 * x - 0.2040259 * luminance + 1.0572252 * z);
    return red << 16 | green << 8 | blue;
}

std::array<std::uint32_t, 256> pageScale(std::span<const std::uint32_t, 256> darkToLight)
{
    std::array<Lab, 256> map;
    std::transform(darkToLight.begin(), darkToLight.end(), map.begin(), labOf);
    const Lab white{100, 0, 0};
    const Lab firstOwn = ofLightness(map, kFirstOwnLightness);
    std::array<std::uint32_t, 256> scale{};
    for (std::size_t i = 0; i < scale.size(); ++i) {
        const double lightness =
            std::lerp(white.lightness, map.front().lightness, static_cast<double>(i) / 255);
        scale[i] =
            colourOf(lightness > kFirstOwnLightness
                         ? between(white, firstOwn,
                                   (white.lightness - lightness) / (white.lightness - kFirstOwnLightness))
                         : ofLightness(map, lightness));
    }
    return scale;
}

} // namespace headwater
