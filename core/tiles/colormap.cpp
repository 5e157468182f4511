// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/colormap.h"

#include "core/tiles/colormap_tables.h"
#include "core/tiles/page_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

constexpr std::array<std::uint32_t, 256> greysTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i)
        table[i] = i << 16 | i << 8 | i;
    return table;
}

constexpr std::array<std::uint32_t, 256> kGreysTable = greysTable();
constexpr std::array kColormaps{Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys};

std::span<const std::uint32_t, 256> pageTableOf(Colormap map)
{
    static const auto tables = [] {
        std::array<std::array<std::uint32_t, 256>, kColormaps.size()> all{};
        for (const Colormap each : kColormaps)
            all[static_cast<std::size_t>(each)] = pageScale(tableOf(each));
        return all;
    }();
    return tables[static_cast<std::size_t>(map)];
}

} // namespace

std::span<const std::uint32_t, 256> tableOf(Colormap map)
{
    switch (map) {
    case Colormap::Viridis:
        return kViridisTable;
    case Colormap::Cividis:
        return kCividisTable;
    case Colormap::Greys:
        return kGreysTable;
    case Colormap::Magma:
        break;
    }
    return kMagmaTable;
}

Rgb colourAt(Colormap map, double unit, bool isReversed)
{
    const double place = unit > 0 ? std::min(unit, 1.0) : 0.0; // NaN: the low end
    const auto index = static_cast<std::size_t>(std::lround(place * 255));
    const std::uint32_t packed = (isReversed ? pageTableOf(map) : tableOf(map))[index];
    return {static_cast<std::uint8_t>(packed >> 16), static_cast<std::uint8_t>(packed >> 8),
            static_cast<std::uint8_t>(packed)};
}

const char* nameOf(Colormap map)
{
    switch (map) {
    case Colormap::Viridis:
        return "viridis";
    case Colormap::Cividis:
        return "cividis";
    case Colormap::Greys:
        return "greys";
    case Colormap::Magma:
        break;
    }
    return "magma";
}

std::optional<Colormap> colormapNamed(std::string_view name)
{
    for (const Colormap map : kColormaps) {
        if (name == nameOf(map))
            return map;
    }
    return std::nullopt;
}

} // namespace headwater
