// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/colour_lut.h"

#include "core/tiles/colour_table.h"

namespace headwater {

namespace {

QRgb packed(Rgb colour)
{
    return qRgb(colour.red, colour.green, colour.blue);
}

ScaleLimits limitsOf(const ColourScale& scale)
{
    return {scale.low, scale.high, scale.logarithmic};
}

} // namespace

CellQuantity cellQuantityOf(MapMode mode)
{
    switch (mode) {
    case MapMode::Count:
        return CellQuantity::Count;
    case MapMode::Missed:
        return CellQuantity::Missed;
    case MapMode::Max:
        break;
    }
    return CellQuantity::Max;
}

Colormap colormapOf(ColourScale::Map map)
{
    switch (map) {
    case ColourScale::Map::Viridis:
        return Colormap::Viridis;
    case ColourScale::Map::Cividis:
        return Colormap::Cividis;
    case ColourScale::Map::Greys:
        return Colormap::Greys;
    case ColourScale::Map::Magma:
        break;
    }
    return Colormap::Magma;
}

QRgb colourOfUnit(ColourScale::Map map, double unit, bool dark)
{
    return packed(colourAt(colormapOf(map), unit, !dark));
}

double unitOfProbability(const ColourScale& scale, double probability)
{
    return unitOfValue(limitsOf(scale), probability);
}

ColourLut makeColourLut(const ColourScale& scale, MapMode mode, double capacity, const Theme& theme)
{
    ColourLut lut;
    lut.background = theme.ground.rgb();
    lut.loading = (theme.dark ? theme.dock : theme.window).rgb();
    lut.masked = theme.raised.rgb();
    lut.hatch = theme.faint.rgb();
    lut.border = theme.ground.rgb();
    lut.somewhere = theme.line.rgb();
    lut.outline = theme.line.rgb();
    const auto table =
        colourTable(colormapOf(scale.map), !theme.dark, limitsOf(scale), cellQuantityOf(mode), capacity);
    for (std::size_t code = 0; code < table.size(); ++code)
        lut.ofCode[code] = packed(table[code]);
    // Where nothing is kept there is no value, least of all the scale's lowest: the ground shows.
    if (mode != MapMode::Missed)
        lut.ofCode[0] = lut.background;
    return lut;
}

} // namespace headwater
