// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/colour_lut.h"

#include "core/base/log_code.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

using Anchors = std::array<QRgb, 9>;

const Anchors& anchorsOf(ColourScale::Map map)
{
    static constexpr Anchors kMagma{0xff000004, 0xff1c1044, 0xff4f127b, 0xff812581, 0xffb5367a,
                                    0xffe55064, 0xfffb8761, 0xfffec287, 0xfffcfdbf};
    static constexpr Anchors kViridis{0xff440154, 0xff472d7b, 0xff3b528b, 0xff2c728e, 0xff21918c,
                                      0xff28ae80, 0xff5ec962, 0xffaddc30, 0xfffde725};
    static constexpr Anchors kCividis{0xff00224e, 0xff1d3b6b, 0xff434e6c, 0xff61646f, 0xff7d7c78,
                                      0xff9b9476, 0xffbcaf6f, 0xffdfcb5d, 0xfffee838};
    static constexpr Anchors kGreys{0xff000000, 0xff202020, 0xff404040, 0xff606060, 0xff808080,
                                    0xffa0a0a0, 0xffc0c0c0, 0xffe0e0e0, 0xffffffff};
    switch (map) {
    case ColourScale::Map::Viridis:
        return kViridis;
    case ColourScale::Map::Cividis:
        return kCividis;
    case ColourScale::Map::Greys:
        return kGreys;
    case ColourScale::Map::Magma:
        break;
    }
    return kMagma;
}

} // namespace

QRgb colourOfUnit(ColourScale::Map map, double unit, bool dark)
{
    double place = std::clamp(unit, 0.0, 1.0);
    if (!dark)
        place = 1 - place;
    const Anchors& anchors = anchorsOf(map);
    const double scaled = place * static_cast<double>(anchors.size() - 1);
    const std::size_t below = std::min(static_cast<std::size_t>(scaled), anchors.size() - 2);
    const double share = scaled - static_cast<double>(below);
    const auto part = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    const QRgb a = anchors[below];
    const QRgb b = anchors[below + 1];
    return qRgb(part(qRed(a), qRed(b)), part(qGreen(a), qGreen(b)), part(qBlue(a), qBlue(b)));
}

double unitOfProbability(const ColourScale& scale, double probability)
{
    if (!(probability > scale.low))
        return 0;
    if (probability >= scale.high)
        return 1;
    if (!scale.logarithmic)
        return (probability - scale.low) / (scale.high - scale.low);
    const double low = std::max(scale.low, 0x1p-24);
    return std::clamp(std::log(probability / low) / std::log(scale.high / low), 0.0, 1.0);
}

double unitOfCount(double count, double capacity)
{
    if (count < 1)
        return 0;
    // One edge must differ from none, so that one lies a step above the low end.
    return std::min(1.0, (1 + std::log2(count)) / (1 + std::log2(std::max(capacity, 1.0))));
}

ColourLut makeColourLut(const ColourScale& scale, MapMode mode, double capacity, const Theme& theme)
{
    ColourLut lut;
    lut.background = theme.window.rgb();
    lut.loading = theme.dock.rgb();
    lut.masked = theme.raised.rgb();
    lut.hatch = theme.faint.rgb();
    lut.border = theme.window.rgb();
    lut.ofCode[0] = colourOfUnit(scale.map, 0, theme.dark);
    for (int code = 1; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        const double unit = mode == MapMode::Count
            ? unitOfCount(countOfCode(byte), capacity)
            : unitOfProbability(scale, static_cast<double>(probabilityOfCode(byte)));
        lut.ofCode[byte] = colourOfUnit(scale.map, unit, theme.dark);
    }
    return lut;
}

const char* nameOf(ColourScale::Map map)
{
    switch (map) {
    case ColourScale::Map::Viridis:
        return "viridis";
    case ColourScale::Map::Cividis:
        return "cividis";
    case ColourScale::Map::Greys:
        return "greys";
    case ColourScale::Map::Magma:
        break;
    }
    return "magma";
}

} // namespace headwater
