// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/word_shade.h"

#include "ui/map/colour_lut.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

/// Where on the colour map the shade's colour lies, and how much of it a full one has: text stays legible on
/// it.
constexpr double kShadeUnit = 0.55;
constexpr double kShadeMost = 0.6;
constexpr double kShadeLeast = 0.06;

QColor mixed(const QColor& a, const QColor& b, double share)
{
    const auto part = [share](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * share)); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

} // namespace

QBrush unknownShade(const Theme& theme)
{
    return {theme.faint, Qt::BDiagPattern};
}

double shareOfLoss(double loss)
{
    return std::clamp(loss / kFullLoss, 0.0, 1.0);
}

QColor wordShade(const Theme& theme, ColourScale::Map map, double share)
{
    const QColor shade(colourOfUnit(map, kShadeUnit, theme.dark));
    return mixed(theme.dock, shade, kShadeLeast + (kShadeMost - kShadeLeast) * share);
}

} // namespace headwater
